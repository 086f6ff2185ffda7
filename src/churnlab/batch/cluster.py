"""Scores of a table on Spark: every worker scores its partitions with the same bundle."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnlab.batch.checks import check_names
from churnlab.batch.local import SCORE, scored_frame
from churnlab.champions.bundle import BundledModel
from churnlab.errors import ChurnlabError
from churnlab.event_features.engines import spark_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def score_on_spark(model: BundledModel, source: str, target: str, threads: int) -> int:
    """Write the columns that the model does not read and `p` for every row, as Parquet parts.

    Args:
        model: the bundle; Spark takes it to every worker.
        source: Parquet, at any address that Spark reads.
        target: folder that receives the parts; one that is there is replaced.
        threads: of Spark, where it runs in local mode.

    Returns:
        The number of rows.

    Raises:
        ChurnlabError: Spark is not installed, or a row cannot be scored.
    """
    session = spark_session(threads)
    columns = model.document("schema")["columns"]
    rows = session.read.parquet(source)
    check_names(rows.columns, columns, source)
    session.sparkContext.addFile(str(model.directory), recursive=True)
    score = partial(_score_partition, model.directory.name, columns, source)
    scored = rows.mapInPandas(score, _schema(rows, columns))
    from pyspark.errors import PySparkException

    try:
        scored.write.mode("overwrite").parquet(target)
    except PySparkException as error:
        raise _as_mistake(error) from error
    return int(session.read.parquet(target).count())


def _schema(rows: DataFrame, columns: dict[str, Any]) -> Any:
    from pyspark.sql.types import DoubleType, StructField, StructType

    kept = [field for field in rows.schema.fields if field.name not in columns]
    return StructType([*kept, StructField(SCORE, DoubleType())])


def _score_partition(
    bundle: str, columns: dict[str, Any], where: str, batches: Iterator[pd.DataFrame]
) -> Iterator[pd.DataFrame]:
    from pyspark import SparkFiles

    model = BundledModel.load(Path(SparkFiles.get(bundle)))
    first = 1
    for rows in batches:
        yield scored_frame(model, rows, columns, f"{where}, one partition", first)
        first += len(rows)


def _as_mistake(error: Exception) -> Exception:
    """Return what a worker found wrong with a row, or the error itself."""
    mark = f"{ChurnlabError.__name__}: "
    _, found, message = str(error).partition(mark)
    return ChurnlabError(message.split("\n\n")[0].strip()) if found else error
