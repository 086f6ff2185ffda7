"""Scores of a table on Spark: every worker scores its partitions with the same bundle."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnlab.batch.scorer import ANSWERS, Scorer
from churnlab.batch.spark_folder import SparkFolder
from churnlab.errors import ChurnlabError
from churnlab.event_features.engines import spark_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def score_on_spark(scorer: Scorer, source: str, target: str, threads: int) -> int:
    """Write the columns that the model does not read and the answers, as Parquet parts.

    Args:
        scorer: the version; Spark takes its bundle to every worker.
        source: Parquet, at any address that Spark reads.
        target: folder that receives the parts once they are whole; one of a run is replaced.
        threads: of Spark, where it runs in local mode.

    Returns:
        The number of rows.

    Raises:
        ChurnlabError: Spark is not installed, a row cannot be scored, or the folder there is none
            that a run wrote.
    """
    session = spark_session(threads)
    folder = SparkFolder(session, target)
    folder.check()
    rows = session.read.parquet(source)
    scorer.check_names(rows.columns, source)
    bundle = scorer.model.directory
    session.sparkContext.addFile(str(bundle), recursive=True)
    score = partial(_score_partition, bundle.name, dict(scorer.groups), scorer.date, source)
    scored = rows.mapInPandas(score, _schema(rows, scorer))
    from pyspark.errors import PySparkException

    try:
        scored.write.mode("overwrite").parquet(folder.part)
    except PySparkException as error:
        raise _as_mistake(error) from error
    folder.finish()
    return int(session.read.parquet(target).count())


def _schema(rows: DataFrame, scorer: Scorer) -> Any:
    from pyspark.sql import types

    kept = [field for field in rows.schema.fields if field.name not in scorer.columns]
    kinds = (
        *[types.DoubleType()] * 3,
        types.BooleanType(),
        *[types.StringType()] * 2,
        types.DateType(),
    )
    answers = [types.StructField(*answer) for answer in zip(ANSWERS, kinds, strict=True)]
    return types.StructType([*kept, *answers])


def _score_partition(
    bundle: str,
    groups: dict[str, float],
    date: datetime.date,
    where: str,
    batches: Iterator[pd.DataFrame],
) -> Iterator[pd.DataFrame]:
    from pyspark import SparkFiles

    scorer = Scorer.load(Path(SparkFiles.get(bundle)), groups, date)
    first = 1
    for rows in batches:
        yield scorer.frame(rows, f"{where}, one partition", first)
        first += len(rows)


def _as_mistake(error: Exception) -> Exception:
    """Return what a worker found wrong with a row, or the error itself."""
    mark = f"{ChurnlabError.__name__}: "
    _, found, message = str(error).partition(mark)
    return ChurnlabError(message.split("\n\n")[0].strip()) if found else error
