"""store: what the feature store serves of a study, as rows and as described, versioned views."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq

from churnlab.config.event_catalog import EventCatalog
from churnlab.config.store_params import StoreStudy
from churnlab.data.preparation import input_columns
from churnlab.event_features.definitions import Feature
from churnlab.serialization import write_arrow, write_json
from churnlab.stages.context import StudyContext
from churnlab.store.document import Rows, StoreDocument, View
from churnlab.store.moments import day_of
from churnlab.store.rows import TABLE_TIMEZONE, days_of, event_rows, table_rows
from churnlab.store.versions import code_hash
from churnlab.store.views import event_views, table_views

if TYPE_CHECKING:
    import pyarrow as pa

# What turns published bytes into the values of each kind of study.
EVENT_CODE = ("churnlab.events", "churnlab.event_features", "churnlab.store.rows")
TABLE_CODE = ("churnlab.data", "churnlab.store.rows")


def run(context: StudyContext) -> None:
    """Write the rows and the views."""
    settings = context.params.served_study(context.study)
    train = context.train()
    inputs = input_columns(train)
    if isinstance(context.declared, EventCatalog):
        timezone = context.declared.events.timezone
        views, rows = of_events(context, context.declared, inputs, settings)
    else:
        timezone = TABLE_TIMEZONE
        views, rows = of_table(context, [train, context.test()], inputs, settings)
    write_arrow(context.paths.store_rows, rows)
    document = StoreDocument(
        study=context.study,
        title=context.declared.title,
        entity=settings.entity,
        ids=settings.ids,
        timezone=timezone,
        inputs=tuple(inputs),
        views=views,
        rows=Rows(
            rows=rows.num_rows,
            entities=len(rows[settings.entity].unique()),
            days=tuple(str(day_of(each, timezone)) for each in days_of(rows)),
            sha256=hashlib.sha256(context.paths.store_rows.read_bytes()).hexdigest(),
        ),
    )
    write_json(context.paths.store_views, document.content())


def of_events(
    context: StudyContext, declared: EventCatalog, inputs: list[str], settings: StoreStudy
) -> tuple[tuple[View, ...], pa.Table]:
    """Return the views and rows of a study of event tables."""
    registry = json.loads(context.paths.features_registry.read_text(encoding="utf-8"))
    features = [Feature(**entry) for entry in registry["features"]]
    decides: dict[str, Any] = {
        "catalog": declared.model_dump(mode="json", include={"events", "further"}),
        "code": code_hash(EVENT_CODE),
    }
    views = event_views(context.study, features, inputs, settings, decides)
    table = pq.read_table(context.paths.features_table)
    names = [feature.name for feature in features]
    return views, event_rows(table, settings.entity, names, declared.events.timezone)


def of_table(
    context: StudyContext, parts: list[pd.DataFrame], inputs: list[str], settings: StoreStudy
) -> tuple[tuple[View, ...], pa.Table]:
    """Return the views and rows of a study of one table of customers."""
    assert settings.as_of is not None  # The parameters were refused otherwise.
    catalog = context.catalog
    decides: dict[str, Any] = {
        "as_of": str(settings.as_of),
        "catalog": catalog.model_dump(mode="json", include={"source", "columns", "as_of", "time"}),
        "code": code_hash(TABLE_CODE),
    }
    views = table_views(context.study, catalog, inputs, settings, decides)
    return views, table_rows(parts, settings.entity, inputs, settings.as_of)
