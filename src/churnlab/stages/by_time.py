"""by_time: every model at every reference date of the out-of-time part."""

from __future__ import annotations

import json

from churnlab.evaluation.by_time import Resampling, by_time, long_table
from churnlab.serialization import write_csv, write_json
from churnlab.stages.context import StudyContext

DIGITS = 4


def run(context: StudyContext) -> None:
    """Write by_time.json and the data of its plot."""
    settings = context.params.evaluate
    thresholds = json.loads(context.paths.metrics("thresholds").read_text())
    resampling = Resampling(settings.bootstrap_samples, settings.confidence, context.params.seed)
    judged = by_time(context.test_predictions(), thresholds, resampling)
    write_json(context.paths.metrics("by_time"), judged, digits=DIGITS)
    write_csv(context.paths.curve("by_time"), long_table(judged))
