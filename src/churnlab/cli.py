"""`churnlab`: what people ask of a study at the command line."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from churnlab.commands.card import card
from churnlab.commands.check_remote import check_remote
from churnlab.commands.compare import compare
from churnlab.commands.experiments import experiments
from churnlab.commands.features import features
from churnlab.commands.history import history
from churnlab.commands.keys import keys
from churnlab.commands.list import lists
from churnlab.commands.log_runs import log_runs
from churnlab.commands.new_study import new_study
from churnlab.commands.pin import pin, unpin
from churnlab.commands.promote import promote
from churnlab.commands.publish import publish
from churnlab.commands.rollback import rollback
from churnlab.commands.score import score
from churnlab.commands.serve import serve
from churnlab.commands.share import share
from churnlab.commands.show import show
from churnlab.commands.simulate import simulate
from churnlab.commands.store import store
from churnlab.commands.verify import verify
from churnlab.errors import ChurnlabError


class _Commands(TyperGroup):
    """Ends a user's mistake, or a missing package, with a message and status 1: no traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ChurnlabError as mistake:
            typer.echo(f"error: {mistake}", err=True)
            raise typer.Exit(1) from None
        except ModuleNotFoundError as missing:
            if (missing.name or "churnlab").split(".")[0] == "churnlab":
                raise
            typer.echo(
                f"error: {missing.name} is not installed, and this command needs it; "
                "requirements.txt has what the pipeline needs, requirements-serve.txt what the "
                "service needs",
                err=True,
            )
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Commands, no_args_is_help=True, add_completion=False, rich_markup_mode="markdown"
)


@app.callback()
def churnlab() -> None:
    """Churn studies, from published bytes to a judged champion.

    The pipeline runs with DVC: `dvc repro report@telecom` makes everything that the report of the
    telecom study needs, `dvc repro` runs every study of params.yaml. The commands here read what it
    left in metrics/, plots/ and models/; only `verify` runs a study, in a checkout of its own.
    """


COMMANDS = (
    show,
    card,
    compare,
    verify,
    experiments,
    new_study,
    share,
    check_remote,
    features,
    score,
    simulate,
    log_runs,
    publish,
    promote,
    rollback,
    history,
    pin,
    unpin,
    serve,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(store, name="store")
app.add_typer(keys, name="keys")
app.add_typer(lists, name="list")


if __name__ == "__main__":
    app()
