"""prepare, for event studies: features and labels of active sellers, cut out of time."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq

from churnlab.features.events.abt import BaseTable, base_table
from churnlab.features.events.dates import ReferenceDates, check_embargo, check_judged
from churnlab.features.events.engines import connect
from churnlab.features.events.labels import churn, last_complete_day
from churnlab.features.events.population import asked_pairs
from churnlab.features.events.store import dated, read_tables
from churnlab.serialization import write_parquet
from churnlab.stages.context import StudyContext


def run(context: StudyContext) -> None:
    """Write the train and test parts."""
    table = event_rows(context)
    write_parquet(context.paths.prepared_train, table.train)
    write_parquet(context.paths.prepared_test, table.test)


def event_rows(context: StudyContext) -> BaseTable:
    """Return both parts, from the study's features and events.

    Raises:
        ChurnlabError: a date cannot be judged, train and test dates clash, or features are missing.
    """
    settings = context.params.event_study(context.study)
    dates = ReferenceDates(settings.reference_dates.train, settings.reference_dates.test)
    check_embargo(dates, settings.horizon_days)
    features = pq.read_table(context.paths.features_table)
    backend = connect(settings.engine, context.params.threads, settings.memory_limit)
    items = read_tables(backend, context.paths.events_dir)["items"]
    check_judged(dates.all, settings.horizon_days, last_complete_day(items))
    pairs = asked_pairs(items, features.select(["seller_id", "reference_date"]))
    labels = dated(churn(items, pairs, settings.label, settings.horizon_days))
    return base_table(features.to_pandas(), labels.to_pandas(), dates)
