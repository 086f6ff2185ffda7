"""`churnlab score`: churn probabilities of a table, by a study's exported champion."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from churnlab.errors import ChurnlabError


class Engine(StrEnum):
    """Where rows are scored."""

    local = "local"
    spark = "spark"


def score(
    study: Annotated[str, typer.Argument(metavar="study", help="Whose champion scores.")],
    source: Annotated[Path, typer.Argument(help="CSV or Parquet with the columns it reads.")],
    target: Annotated[Path, typer.Argument(help="Parquet file to write; on Spark a folder.")],
    engine: Annotated[Engine, typer.Option(help="This machine, or Spark.")] = Engine.local,
) -> None:
    """Score a table of any length: the columns that the model does not read, and `p`.

    `churnlab score telecom customers.csv scores.parquet` reads and writes in batches. The columns
    are those of `bundles/<study>/schema.json`; a row that the model could only guess at (a missing
    number, an unknown category) ends the command, with its number, and nothing is written.
    """
    from churnlab.champions.bundle import BundledModel
    from churnlab.config import load_params
    from churnlab.config.validation import unknown_names
    from churnlab.paths import StudyPaths, find_root

    root = find_root(Path.cwd())
    params = load_params(root / "params.yaml")
    if lines := unknown_names("score", "study", [study], params.studies):
        raise ChurnlabError("\n".join(lines))
    threads = params.threads
    model = BundledModel.load(StudyPaths(root, study).bundle_dir)
    if engine is Engine.spark:
        from churnlab.batch.cluster import score_on_spark

        rows = score_on_spark(model, str(source.absolute()), str(target.absolute()), threads)
    else:
        from churnlab.batch.local import score_file

        rows = score_file(model, source, target, threads)
    typer.echo(f"{target}: {rows:,} rows, by {model.document('card')['champion']} {model.version}")
