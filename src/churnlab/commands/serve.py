"""`churnlab serve`: the champions in service, over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from churnlab.errors import ChurnlabError


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
    workers: Annotated[int, typer.Option(min=1, help="Processes, one per core.")] = 1,
    home: Annotated[
        Path | None, typer.Option(help="Folder of deployments and keys (CHURNLAB_HOME).")
    ] = None,
) -> None:
    """Serve what was promoted: scores, reasons, lookups, and the analysts' page.

    `churnlab serve --workers 2` listens on port 8080. Everything else is set by variables that
    begin with CHURNLAB_, listed in docs/service.md. Another version is taken up while requests run.
    """
    try:
        from churnlab.serving.run import run
        from churnlab.serving.settings import read_settings
    except ModuleNotFoundError as missing:
        raise ChurnlabError(
            f"{missing.name} is not installed; pip install --require-hashes "
            "-r requirements-serve.txt brings all that the service needs"
        ) from None
    run(read_settings(os.environ, home=home), host, port, workers)
