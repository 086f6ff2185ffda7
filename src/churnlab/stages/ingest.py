"""ingest: the published bytes, verified, into data/raw."""

from __future__ import annotations

import os

from churnlab.data.sources import default_mirror, locate_and_verify
from churnlab.serialization import write_bytes
from churnlab.stages.context import StudyContext


def run(context: StudyContext) -> None:
    """Copy the published file once its hash is right; otherwise leave what is there."""
    root = context.paths.root
    content = locate_and_verify(context.catalog, root, default_mirror(root, os.environ))
    write_bytes(context.paths.raw(context.catalog.source.file), content)
