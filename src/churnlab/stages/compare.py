"""compare: paired tests between models and the choice of the champion."""

from __future__ import annotations

from churnlab.evaluation.comparison import compare_models
from churnlab.evaluation.cross_validation import thresholds
from churnlab.serialization import write_json
from churnlab.stages.context import StudyContext


def run(context: StudyContext) -> None:
    """Write comparison.json: champion, the rule that chose it, and every pair with the best."""
    held_out = context.out_of_fold_predictions()
    families = context.params.models
    comparison = compare_models(
        held_out,
        context.test_predictions(),
        thresholds(held_out),
        primary=context.params.compare.primary,
        alpha=context.params.compare.alpha,
        simplicity=[*families, "blend"],
    )
    write_json(context.paths.metrics("comparison"), comparison)
