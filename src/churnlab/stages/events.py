"""events: published event tables, typed, checked by declared rules, as features read them."""

from __future__ import annotations

from churnlab.events.normalising import normalise
from churnlab.stages.context import StudyContext


def run(context: StudyContext) -> None:
    """Write one Parquet file per table, and quality.json with what every rule found."""
    normalise(
        context.event_catalog,
        context.paths.raw_dir,
        context.paths.events_dir,
        context.params.threads,
        context.params.event_study(context.study).memory_limit,
    )
