"""Where the expressions run: DuckDB in this process, or Spark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends import BaseBackend
    from pyspark.sql import SparkSession

Engine = Literal["duckdb", "spark"]


def connect(
    engine: Engine, threads: int = 1, memory_limit: str | None = None, spill: Path | None = None
) -> BaseBackend:
    """Return an Ibis connection.

    Args:
        engine: `duckdb` or `spark`.
        threads: of DuckDB, or of Spark where it runs in local mode.
        memory_limit: of DuckDB, such as `4GiB`; more than that goes to `spill`.
        spill: a folder for what does not fit.

    Raises:
        ChurnlabError: Spark is asked for and not installed.
    """
    return _spark(threads) if engine == "spark" else _duckdb(threads, memory_limit, spill)


def _duckdb(threads: int, memory_limit: str | None, spill: Path | None) -> BaseBackend:
    import ibis

    settings: dict[str, object] = {"threads": threads, "preserve_insertion_order": False}
    if memory_limit:
        settings["memory_limit"] = memory_limit
    if spill:
        settings["temp_directory"] = str(spill)
    return ibis.duckdb.connect(**settings)


def _spark(threads: int) -> BaseBackend:
    session = spark_session(threads)
    import ibis

    return ibis.pyspark.connect(session)


def spark_session(threads: int) -> SparkSession:
    """Return the Spark session that is there, or one in local mode.

    Raises:
        ChurnlabError: Spark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ChurnlabError(
            "engine spark: pyspark is not installed; run `pip install 'churnlab[spark]'`, or take "
            "the engine of this machine"
        ) from error

    # A session that is already there, as on Databricks and EMR, keeps its master.
    return (
        SparkSession.builder.appName("churnlab")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", str(2 * threads))
        .master(f"local[{threads}]")
        .getOrCreate()
    )


def constant(backend: BaseBackend, rows: pa.Table) -> ir.Table:
    """Return a small table of numbers and texts that lives in the engine as long as it runs.

    Ibis's own in-memory tables are not there when Spark caches what is made of them.
    """
    import ibis

    name = ibis.util.gen_name("churnlab")
    if backend.name != "pyspark":
        return backend.create_table(name, rows, temp=True)
    from pyspark.sql import SparkSession

    SparkSession.active().createDataFrame(rows.to_pandas()).createOrReplaceTempView(name)
    return backend.table(name)
