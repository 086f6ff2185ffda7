"""`churnlab keys`: who may ask the service, and for what."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from churnlab.serving.keys import Keys

keys = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="API keys of the service: created, listed, revoked.",
)
Home = Annotated[Path | None, typer.Option(help="Folder of the keys (CHURNLAB_HOME).")]


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, as logs will show it.")],
    role: Annotated[
        str, typer.Option(help="scorer, analyst, operator, privacy_officer or monitor.")
    ] = "scorer",
    days: Annotated[int | None, typer.Option(help="Days it is valid; for ever without.")] = None,
    home: Home = None,
) -> None:
    """Draw a key and print it, once: it is kept as a hash alone.

    `churnlab keys create crm --role scorer --days 365`
    """
    key, text = _keys(home).create(name, role, days)
    typer.echo(text)
    until = f" until {key.expires}" if key.expires else ""
    typer.echo(f"{key.id}: {key.role} for {key.name}{until}; it is not shown again", err=True)


@keys.command(name="list")
def list_keys(home: Home = None) -> None:
    """List every key, without its secret."""
    found = _keys(home).all()
    for key in found:
        state = f"revoked {key.revoked}" if key.revoked else f"until {key.expires or 'revoked'}"
        typer.echo(f"{key.id}  {key.role:15}  {key.created}  {state}  {key.name}")
    if not found:
        typer.echo("no keys yet; `churnlab keys create NAME --role scorer` makes one")


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Its id, the eight digits after clk_.")],
    home: Home = None,
) -> None:
    """Refuse a key from now on, also in services that run."""
    revoked = _keys(home).revoke(key)
    typer.echo(f"{revoked.id}: revoked {revoked.revoked}; it was {revoked.name}'s")


def _keys(home: Path | None) -> Keys:
    from churnlab.serving.keys import Keys
    from churnlab.serving.settings import read_settings

    return Keys(read_settings(os.environ, home=home).keys)
