"""ingest: the published bytes, verified, into data/raw."""

from __future__ import annotations

from churnlab.data.sources import fetch
from churnlab.serialization import write_bytes
from churnlab.stages.context import StudyContext


def run(context: StudyContext) -> None:
    """Copy the published file once its hash is right; otherwise leave what is there."""
    content = fetch(context.catalog, context.paths.root)
    write_bytes(context.paths.raw(context.catalog.source.file), content)
