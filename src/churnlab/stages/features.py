"""features: what the events say of every seller as of every reference date."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from churnlab.event_features.engines import connect
from churnlab.event_features.registry import computable, families_of, left_out, registry
from churnlab.event_features.rows import ROWS_AT_A_TIME, feature_rows
from churnlab.event_features.store import read_tables
from churnlab.event_features.tables import Activity, Events
from churnlab.serialization import write_arrow_parts, write_json
from churnlab.stages.context import StudyContext

log = logging.getLogger(__name__)


def run(context: StudyContext) -> None:
    """Write the features of all reference dates, and the registry with the families left out."""
    settings = context.params.event_study(context.study)
    dates = settings.reference_dates.all
    further = context.event_catalog.further
    families = families_of(further)
    with tempfile.TemporaryDirectory(prefix="churnlab-features-") as folder:
        spill, scratch = Path(folder) / "spill", Path(folder) / "scratch"
        scratch.mkdir()
        backend = connect(settings.engine, context.params.threads, settings.memory_limit, spill)
        tables = read_tables(backend, context.paths.events_dir, further, calendar_years(dates))
        present = computable(families, tables)
        asked = settings.minimum_activity
        activity = Activity(asked.days, asked.orders)
        events = Events(tables, dates, settings.windows, activity)
        rows = feature_rows(events, present, scratch)
        write_arrow_parts(context.paths.features_table, rows, ROWS_AT_A_TIME)
    absent = left_out(families, tables)
    for entry in absent:
        log.warning(
            "%s: features of the family %s (%s) are left out; there is no table %s",
            context.study,
            entry["family"],
            entry["part"],
            ", ".join(entry["missing"]),
        )
    listed = [asdict(feature) for feature in registry(settings.windows, present)]
    write_json(context.paths.features_registry, {"features": listed, "left_out": absent})


def calendar_years(dates: Sequence[date]) -> range:
    """Return the years of the dates and the ones around, which windows reach into."""
    return range(min(dates).year - 1, max(dates).year + 2)
