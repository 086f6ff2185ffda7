"""`churnlab check-remote`: whether the remote's copy of the outputs is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from churnlab.commands.share import RemoteName


def check_remote(
    remote: RemoteName = None,
    repair: Annotated[
        bool, typer.Option(help="Upload what is missing or altered anew, from the cache here.")
    ] = False,
) -> None:
    """Read every object that the outputs here need from the remote and compare it with its hash.

    Finds what a killed upload left half-written and what a disk or a person altered; `dvc push`
    sees neither, since it looks only whether a file of that name is there. Ends with status 1 when
    something is missing or altered and was not repaired.
    """
    from churnlab.sharing import damaged, opened
    from churnlab.sharing import repair as upload_anew

    with opened(Path.cwd(), remote) as target:
        count, damages = damaged(target)
        left = upload_anew(target, damages) if repair else damages
        trusting = not target.store.verify
    for damage in damages:
        done = "uploaded anew" if damage not in left and repair else damage.problem
        typer.echo(f"{done}: {damage.output} ({damage.path})")
    if trusting:
        typer.echo("note: pulls do not check what they get; dvc remote modify NAME verify true")
    typer.echo(f"{count - len(left)} of {count} objects are whole")
    if left:
        hint = "no whole copy here" if repair else "--repair uploads them anew"
        typer.echo(f"error: {len(left)} objects are missing or altered; {hint}", err=True)
        raise typer.Exit(1)
