"""features: what the events say of every seller as of every reference date."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import asdict
from pathlib import Path

from churnlab.features.events.engines import connect
from churnlab.features.events.registry import computable, left_out, registry
from churnlab.features.events.store import feature_table, read_tables
from churnlab.serialization import write_arrow, write_json
from churnlab.stages.context import StudyContext

log = logging.getLogger(__name__)


def run(context: StudyContext) -> None:
    """Write the features of all reference dates, and the registry with the families left out."""
    settings = context.params.event_study(context.study)
    dates = [*settings.reference_dates.train, *settings.reference_dates.test]
    with tempfile.TemporaryDirectory(prefix="churnlab-features-") as spill:
        backend = connect(
            settings.engine, context.params.threads, settings.memory_limit, Path(spill)
        )
        tables = read_tables(backend, context.paths.events_dir)
        families = computable(tables)
        absent = left_out(tables)
        for family, missing in absent.items():
            log.warning("%s: no %s features without %s", context.study, family, " and ".join(missing))
        write_arrow(
            context.paths.features_table, feature_table(tables, dates, settings, families)
        )
    write_json(
        context.paths.features_registry,
        {
            "features": [asdict(f) for f in registry(settings.windows, families)],
            "left_out": absent,
        },
    )
