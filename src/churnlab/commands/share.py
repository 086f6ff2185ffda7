"""`churnlab share`: outputs and the runs behind them, into a remote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RemoteName = Annotated[
    str | None, typer.Option("--remote", "-r", help="A name of `dvc remote list`.", metavar="NAME")
]


def share(remote: RemoteName = None) -> None:
    """Upload the outputs here and the runs that made them, so that nobody need run them again.

    As `dvc push --run-cache`, but complete: that command leaves out every stage with an output in
    Git, which is most of them. Others get the outputs with `dvc pull --run-cache`, and a stage that
    somebody ran before with `dvc repro --pull`. Refuses outputs that are not up to date.
    """
    from churnlab.sharing import opened
    from churnlab.sharing import share as share_runs

    with opened(Path.cwd(), remote) as target:
        shared = share_runs(target)
    typer.echo(f"{shared.objects} objects uploaded; {shared.runs} runs shared")
