"""`churnlab score`: churn probabilities of a table, and what they mean, by a study's champion."""

from __future__ import annotations

import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    from churnlab.batch.scorer import Scorer


class Engine(StrEnum):
    """Where rows are scored."""

    local = "local"
    spark = "spark"


def score(
    study: Annotated[str, typer.Argument(metavar="study", help="Whose champion scores.")],
    source: Annotated[
        str,
        typer.Option(
            "--input", help="CSV, Parquet, or URL#table of a database.", metavar="FILE|TABLE"
        ),
    ],
    target: Annotated[
        str, typer.Option("--output", help="The same; on Spark a folder.", metavar="FILE|TABLE")
    ],
    home: Annotated[
        Path | None,
        typer.Option(
            help="Score by the version in service there, as `churnlab serve --home` does; by "
            "default by the bundle of this repository.",
        ),
    ] = None,
    date: Annotated[
        datetime.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="As of which rows are scored; today by default."),
    ] = None,
    id_column: Annotated[
        str, typer.Option("--id", help="Column that tells the rows of a table apart.")
    ] = "id",
    bad_rows: Annotated[
        Path | None,
        typer.Option(help="Leave out rows that cannot be scored, and tell of them in this CSV."),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Batches scored at the same time.")] = 2,
    engine: Annotated[Engine, typer.Option(help="This machine, or Spark.")] = Engine.local,
) -> None:
    """Score a table of any length: the columns that the model does not read, and its answers.

    `churnlab score telecom --input customers.csv --output scores.parquet` reads and writes in
    batches. A run that was cut short goes on where it stopped; the same run again changes nothing.
    A row that the model could only guess at ends the command with its number, unless --bad-rows
    takes it. Tables are written as sqlite:///crm.db#customers or
    postgresql+psycopg://me@host/crm#sales.customers.
    """
    day = date.date() if date else datetime.date.today()
    scorer = _in_service(home, study, day) if home else _exported(study, day)
    by = f"by {scorer.champion} {scorer.version} for {day}"
    if engine is Engine.spark:
        if bad_rows:
            raise ChurnlabError("--bad-rows: Spark does not leave rows out; score on this machine")
        from churnlab.batch.cluster import score_on_spark

        typer.echo(f"{target}: {score_on_spark(scorer, source, target, threads):,} rows, {by}")
        return
    from churnlab.batch.bad_rows import BadRows
    from churnlab.batch.local import BATCH_ROWS, opened, score_table

    with opened(scorer, source, target, id_column) as (rows, place):
        done = score_table(
            scorer,
            rows,
            place,
            study,
            threads,
            BadRows(bad_rows) if bad_rows else None,
            BATCH_ROWS,
            tell=lambda note: typer.echo(note, err=True),
        )
    left_out = f"; {done.progress.bad:,} left out, see {bad_rows}" if done.progress.bad else ""
    there = ", there already" if done.was_there else ""
    typer.echo(f"{place.name}: {done.progress.scored:,} rows, {by}{there}{left_out}")


def _exported(study: str, day: datetime.date) -> Scorer:
    from churnlab.batch.scorer import Scorer
    from churnlab.config import load_params
    from churnlab.config.validation import unknown_names
    from churnlab.paths import StudyPaths, find_root

    root = find_root(Path.cwd())
    params = load_params(root / "params.yaml")
    if lines := unknown_names("score", "study", [study], params.studies):
        raise ChurnlabError("\n".join(lines))
    return Scorer.load(StudyPaths(root, study).bundle_dir, params.score.groups, day)


def _in_service(home: Path, study: str, day: datetime.date) -> Scorer:
    import json

    from churnlab.batch.scorer import Scorer
    from churnlab.config.validation import suggestion
    from churnlab.deployments import Deployments
    from churnlab.deployments.bundles import WORDS

    deployments = Deployments(home / "deployments")
    present = deployments.current(study)
    if present is None:
        raise ChurnlabError(
            f"{home}: no version of '{study}' is in service there; "
            f"{suggestion(study, deployments.studies())}"
        )
    bundle = deployments.bundle(study, present.version)
    groups = json.loads((bundle / WORDS).read_text(encoding="utf-8"))["groups"]
    # The file has them by name.
    falling = dict(sorted(groups.items(), key=lambda group: -group[1]))
    return Scorer.load(bundle, falling, day)
