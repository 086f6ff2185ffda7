"""ingest: the published bytes, verified, into data/raw."""

from __future__ import annotations

import logging

from churnlab.config import EventCatalog
from churnlab.data.sources import fetch
from churnlab.events.sources import bring, record
from churnlab.serialization import write_bytes, write_json
from churnlab.stages.context import StudyContext

log = logging.getLogger(__name__)


def run(context: StudyContext) -> None:
    """Copy the published files once their hashes are right; otherwise leave what is there."""
    if isinstance(context.declared, EventCatalog):
        _run_events(context, context.declared)
        return
    content = fetch(context.catalog, context.paths.root)
    write_bytes(context.paths.raw(context.catalog.source.file), content)


def _run_events(context: StudyContext, catalog: EventCatalog) -> None:
    """Copy every table that is there, and write down which are and which are not."""
    came = bring(catalog, context.paths.root, context.paths.raw_dir)
    for name in (name for name in catalog.tables if name not in came):
        log.warning(
            "%s: the optional table %s (%s) is not in the mirror; what it would tell is left out",
            catalog.name,
            name,
            catalog.tables[name].file,
        )
    write_json(context.paths.raw("tables.json"), record(catalog, came))
