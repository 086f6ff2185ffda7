"""`churnlab card`: the model card of a study's champion."""

from __future__ import annotations

from typing import Annotated

import typer

from churnlab.commands.studies import judged


def card(study: Annotated[str, typer.Argument(help="Name of a study that has been run.")]) -> None:
    """Print the model card of a study's champion, as Markdown.

    What it is, what it is for, what it was made from, how good it is and for whom, and what it must
    not be used for. `churnlab card telecom > card.md` keeps it.
    """
    from churnlab.reporting.card import model_card

    (results,) = judged([study])
    typer.echo(model_card(results), nl=False)
