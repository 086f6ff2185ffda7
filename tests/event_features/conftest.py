"""Engines that tests share; a Spark session takes long to start."""

import shutil

import pytest

from churnlab.event_features.engines import connect
from event_features.tables import in_engine, small_tables


@pytest.fixture(scope="session")
def duckdb():
    return connect("duckdb", threads=1, memory_limit="1GiB")


@pytest.fixture(scope="session")
def frames():
    return small_tables()


@pytest.fixture(scope="session")
def tables(duckdb, frames):
    return in_engine(duckdb, frames)


@pytest.fixture(scope="session")
def spark():
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is no `java` on the path")
    return connect("spark", threads=1)
