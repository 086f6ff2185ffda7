"""prepare: typed, checked and split rows, with figures and leakage findings."""

from __future__ import annotations

from churnlab.data.preparation import SplitRule, prepare
from churnlab.data.schema import read_table
from churnlab.serialization import write_json, write_parquet
from churnlab.stages import event_rows
from churnlab.stages.context import StudyContext


def run(context: StudyContext) -> None:
    """Write the train and test parts, the profile and the leakage report."""
    if context.study in context.params.events:
        event_rows.run(context)
        return
    params, paths = context.params, context.paths
    prepared = prepare(
        read_table(paths.raw(context.catalog.source.file), context.catalog),
        context.catalog,
        SplitRule(params.split.mode(context.study), params.split.test_share, params.split.seed),
        params.prepare.correlation_threshold,
        folds=params.most_folds,
    )
    write_parquet(paths.prepared_train, prepared.train)
    write_parquet(paths.prepared_test, prepared.test)
    write_json(paths.profile_json, prepared.profile)
    write_json(paths.leakage_json, prepared.leakage)
