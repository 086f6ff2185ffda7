"""assemble: features and labels of active sellers become rows, cut in time and profiled."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churnlab.config.event_params import EventStudy
from churnlab.config.validation import unknown_names
from churnlab.data.design import Cut, Design
from churnlab.data.preparation import PLACE, Prepared, input_columns, prepare_parts
from churnlab.errors import ChurnlabError
from churnlab.event_features.abt import BaseTable, base_table, population
from churnlab.event_features.dates import (
    ReferenceDates,
    check_embargo,
    check_judged,
    check_scored,
    check_unseen,
)
from churnlab.event_features.definitions import Feature
from churnlab.event_features.engines import connect
from churnlab.event_features.labels import churn, last_complete_day
from churnlab.event_features.population import asked_pairs
from churnlab.event_features.store import dated, read_tables
from churnlab.event_features.table_catalog import TARGET, chosen, table_catalog
from churnlab.serialization import write_json, write_parquet
from churnlab.stages.context import StudyContext

# Nested windows go together by construction, and dropping by a lower bound did not help any fold:
# only what repeats another feature goes.
COPY = 0.9999


def run(context: StudyContext) -> None:
    """Write both parts and whom to score, how rows may be cut, what columns are, and profiles."""
    settings = context.params.event_study(context.study)
    features = referenced_first(chosen(read_registry(context), settings.inputs), settings)
    table = read_rows(context, settings)
    prepared = profiled(context, table, features)
    for path, part, rows in (
        (context.paths.prepared_train, prepared.train, table.train),
        (context.paths.prepared_test, prepared.test, table.test),
    ):
        write_parquet(path, pd.concat([part, rows[list(PLACE)]], axis=1))
    judge, tune = (Cut(cut.blocks, cut.groups) for cut in (settings.folds, settings.tune_folds))
    write_parquet(context.paths.population, to_score(context, settings, prepared))
    design = Design(settings.horizon_days, judge, tune)
    write_json(context.paths.design, design.content())
    kept = [asdict(feature) for feature in features if feature.name in prepared.train]
    for path in (context.paths.chosen_features, context.paths.features_profile):
        write_json(path, kept)
    write_json(context.paths.events_profile, events_profile(context, settings))
    write_json(context.paths.profile_json, prepared.profile)
    write_json(context.paths.leakage_json, prepared.leakage)


def referenced_first(features: list[Feature], settings: EventStudy) -> list[Feature]:
    """Return the features that references name, then the others.

    Of two that correlate strongly the later one is dropped, and references need theirs.
    """
    named = {name for reference in settings.references.values() for name in reference.inputs}
    return sorted(features, key=lambda feature: feature.name not in named)


def events_profile(context: StudyContext, settings: EventStudy) -> dict[str, Any]:
    """Return what a reader of the rows must know of the events behind them."""
    quality = json.loads((context.paths.events_dir / "quality.json").read_text())
    registry = json.loads(context.paths.features_registry.read_text())
    dates = settings.reference_dates
    return {
        "absent": quality["absent"],
        "dates": {"train": list(map(str, dates.train)), "test": list(map(str, dates.test))},
        "horizon_days": settings.horizon_days,
        "label": settings.label,
        "left_out": registry["left_out"],
        "minimum_activity": settings.minimum_activity.model_dump(),
        "rules": [rule for rule in quality["rules"] if rule["rows"]],
        "rules_applied": sum(rule["rows"] is not None for rule in quality["rules"]),
    }


def to_score(context: StudyContext, settings: EventStudy, prepared: Prepared) -> pd.DataFrame:
    """Return the active sellers of the date to score: id, inputs, what each is worth, place.

    Raises:
        ChurnlabError: the catalog's `value` is not a feature.
    """
    features = pq.read_table(context.paths.features_table).to_pandas()
    named = context.event_catalog.value
    where = f"{context.paths.catalog}: value"
    if lines := unknown_names(where, "feature", [named] if named else [], list(features)):
        raise ChurnlabError("\n".join(lines))
    inputs = input_columns(prepared.train)
    rows = population(features, settings.reference_dates.scored, inputs)
    if named:
        worth = features.set_index(["seller_id", "reference_date"])[named]
        asked = zip(rows["entity"], [settings.reference_dates.scored] * len(rows), strict=True)
        rows["value"] = worth.loc[list(asked)].to_numpy()
    return rows


def read_registry(context: StudyContext) -> list[Feature]:
    """Return the features that the `features` stage wrote."""
    document = json.loads(context.paths.features_registry.read_text())
    return [Feature(**entry) for entry in document["features"]]


def read_rows(context: StudyContext, settings: EventStudy) -> BaseTable:
    """Return both parts with every feature, from the study's features and events.

    Raises:
        ChurnlabError: a date cannot be judged or has no features, or train and test dates clash.
    """
    dates = ReferenceDates(settings.reference_dates.train, settings.reference_dates.test)
    check_embargo(dates, settings.horizon_days)
    if not context.paths.features_table.is_file():
        raise ChurnlabError(
            f"{context.paths.features_table}: there is no such file; run `dvc repro` up to "
            "features first"
        )
    features = pq.read_table(context.paths.features_table)
    return base_table(features.to_pandas(), labels(context, settings, features, dates), dates)


def labels(
    context: StudyContext, settings: EventStudy, features: pa.Table, dates: ReferenceDates
) -> pd.DataFrame:
    """Return `seller_id`, `reference_date` and `y` of the rows of `features`."""
    backend = connect(settings.engine, context.params.threads, settings.memory_limit)
    items = read_tables(backend, context.paths.events_dir)["items"]
    complete = last_complete_day(items, context.event_catalog.events.complete_until)
    check_judged(dates.all, settings.horizon_days, complete)
    check_scored(settings.reference_dates.scored, complete)
    check_unseen(settings.reference_dates.scored, dates.train, settings.horizon_days)
    pairs = asked_pairs(items, features.select(["seller_id", "reference_date"]))
    return dated(churn(items, pairs, settings.label, settings.horizon_days)).to_pandas()


def profiled(context: StudyContext, table: BaseTable, features: list[Feature]) -> Prepared:
    """Return the parts with the features that models see, as `prepare` makes them of any table."""
    declared = context.event_catalog
    catalog = table_catalog(
        declared.name, declared.title, declared.source, features, declared.costs
    )
    columns = list(catalog.columns)
    train, test = (
        part[columns].assign(**{TARGET: part[TARGET].astype(str)})
        for part in (table.train, table.test)
    )
    return prepare_parts(train, test, catalog, COPY, context.params.most_folds)
