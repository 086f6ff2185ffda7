"""`churnlab experiments`: a grid of experiments, one after the other, side by side in a table."""

from __future__ import annotations

import csv
import io
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from rich.table import Table

# Up to the numbers and the choice of the champion; `dvc exp apply` and `dvc repro` do the rest.
STAGES = ("evaluate", "compare")
# What says nothing of a choice, or should not be chosen by: hashes of files, the test part, models
# that no parameter reaches, and metrics that say little more than the others.
HIDDEN = (
    r"(data|models|plots|src)/|metrics/[^:]*$|metrics/.*/test\.json|.*_baseline\."
    r"|.*\.(brier|ece|empc|precision|recall|accuracy|top_decile_lift|(f1|accuracy)_at_half)$"
)
NOT_SHOWN = ("Experiment", "rev", "typ", "Created", "parent")
WIDTH = 1000  # characters at most, where no terminal says how wide it is


def experiments(
    study: Annotated[str, typer.Argument(help="Name of a study of params.yaml.")],
    grid: Annotated[
        list[str],
        typer.Argument(metavar="PARAMETER=VALUE|VALUE...", help="Values to try of each parameter."),
    ],
) -> None:
    """Run a grid of experiments and show them side by side.

    `churnlab experiments telecom 'blend.calibration=none|isotonic' 'models=[rf]|[rf,xgb]'` runs the
    four combinations. Each runs in a copy of the commit that DVC makes, so the files here stay as
    they are, and runs only the stages that its parameters reach, up to the choice of the champion.
    One that is there already is not run again: an interrupted grid goes on where it stopped.

    Where MLFLOW_TRACKING_URI is set, their training runs are logged there.

    Status 1: an experiment failed; the others ran.
    """
    from churnlab.config import load_params
    from churnlab.config.validation import suggestion
    from churnlab.paths import find_root

    root = find_root(Path.cwd())
    known = load_params(root / "params.yaml").studies
    if study not in known:
        raise ChurnlabError(f"study '{study}': params.yaml has none; {suggestion(study, known)}")
    planned = combinations(study, grid)
    if _printed(root, "git", "status", "--porcelain", "--untracked-files=no"):
        raise ChurnlabError(
            "there are changes that are not committed, and experiments start from the commit; "
            "commit or `git stash` them first"
        )
    failed = _run(root, study, planned)
    _show(root, study)
    _log(root, study, [name for name in planned if name not in failed])
    for name in failed:
        typer.echo(f"failed: {name}; `dvc exp run` with its settings says why", err=True)
    raise typer.Exit(1 if failed else 0)


def combinations(study: str, grid: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the settings of every combination by a name that tells them apart.

    Raises:
        ChurnlabError: a part of the grid is not PARAMETER=VALUE|VALUE.
    """
    choices = []
    for part in grid:
        parameter, equals, values = part.partition("=")
        if not (parameter and equals and values):
            raise ChurnlabError(f"{part}: write PARAMETER=VALUE or PARAMETER=VALUE|VALUE")
        choices.append([f"{parameter}={value}" for value in values.split("|")])
    return {_name(study, settings): settings for settings in itertools.product(*choices)}


def _name(study: str, settings: Sequence[str]) -> str:
    """Return a name that Git takes for a reference: telecom-calibration-none."""
    last = [re.sub(r"^[^=]*\.(?=[^=]*=)", "", setting) for setting in settings]
    return re.sub(r"[^A-Za-z0-9]+", "-", "-".join([study, *last])).strip("-")


def _run(root: Path, study: str, planned: Mapping[str, Sequence[str]]) -> list[str]:
    """Run the experiments that are not there; return the names of those that failed."""
    there = set(_printed(root, *_dvc("exp", "list", "--name-only")).split())
    missing = {name: settings for name, settings in planned.items() if name not in there}
    typer.echo(f"{len(planned)} experiments, {len(planned) - len(missing)} of them there already")
    stages = [f"{stage}@{study}" for stage in STAGES]
    failed = []
    for position, (name, settings) in enumerate(missing.items(), 1):
        typer.echo(f"{position}/{len(missing)} {name}")
        changes = [word for setting in settings for word in ("--set-param", setting)]
        command = _dvc("exp", "run", "--temp", "--name", name, *changes, *stages)
        if subprocess.run(command, cwd=root, check=False).returncode:
            failed.append(name)
    return failed


def _log(root: Path, study: str, names: Sequence[str]) -> None:
    """Log the training runs of experiments, where MLFLOW_TRACKING_URI says where to."""
    from churnlab.commands.log_runs import log_revision
    from churnlab.registry.tracking import URI, opened

    if not os.environ.get(URI):
        return
    with opened(root) as tracking:
        for name in names:
            log_revision(root, study, name, tracking)


def _show(root: Path, study: str) -> None:
    """Print the experiments of this commit below it, the best by the blend's log loss first."""
    from rich.console import Console

    chosen_by = f"metrics/{study}/cv.json:blend.log_loss"
    table = ("exp", "show", "--csv", "--hide-workspace", "--only-changed", "--drop", HIDDEN)
    printed = _printed(root, *_dvc(*table, "--sort-by", chosen_by, "--precision", "4"))
    width = None if sys.stdout.isatty() else WIDTH
    Console(width=width).print(_table(list(csv.DictReader(io.StringIO(printed)))))


def _table(rows: Sequence[Mapping[str, str]]) -> Table:
    """Return DVC's rows with short titles; its own table is cut at the width of the terminal."""
    from rich import box
    from rich.table import Table

    shown = [column for column in rows[0] if column not in NOT_SHOWN]
    table = Table(box=box.SIMPLE_HEAD, caption="cross-validated metrics")
    table.add_column("experiment", no_wrap=True)
    for column in shown:
        table.add_column(column.rpartition(":")[2], overflow="fold")
    for row in rows:
        table.add_row(row["Experiment"] or row["rev"], *(row[column] for column in shown))
    return table


def _dvc(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dvc", *arguments]


def _printed(root: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ChurnlabError(f"{' '.join(command[-3:])}: {done.stderr.strip()}")
    return done.stdout
