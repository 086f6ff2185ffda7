"""A command that is killed in the middle and run again ends as one that never was."""

import datetime
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pandas as pd
import psycopg
import pytest
import sqlalchemy as sa

from batch.bundles import GROUPS, ROWS
from churnlab.deployments import Deployments

pytestmark = pytest.mark.slow

DAY = datetime.date(2026, 1, 31)
BATCH, BATCHES = 5, 240
# The command with batches small enough for it to be caught between two of them.
COMMAND = f"""
from churnlab.batch import local
local.BATCH_ROWS = {BATCH}
from churnlab.cli import app
app()
"""


@pytest.fixture
def rows(tmp_path):
    """Some thousand rows, each of its own id, among them rows that cannot be scored."""
    found = pd.concat([ROWS] * (BATCH * BATCHES // len(ROWS)), ignore_index=True)
    found["id"] = np.arange(len(found))
    found.loc[found.index % 37 == 5, "minutes"] = np.nan
    found.to_parquet(tmp_path / "rows.parquet")
    return found


@pytest.fixture
def score(tmp_path, scorer, rows):
    """Return how to start the command; its machine has deployments, and no repository."""
    deployments = Deployments(tmp_path / "home" / "deployments")
    version = deployments.add("small", scorer.model.directory, {"groups": GROUPS})
    deployments.promote("small", version, "tests", "the tests need it")

    def start(source, target, bad):
        arguments = ("score", "small", "--home", "home", "--date", str(DAY))
        addresses = ("--input", source, "--output", target, "--bad-rows", bad)
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments, *addresses],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def killed_midway(process, batches):
    """Kill a command once it has written some batches; return how many it had."""
    end = time.monotonic() + 300
    while (done := batches()) < BATCHES // 10:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return done


def finished(process):
    said, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint
    return said


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_has_the_bytes_of_a_run_that_was_not_killed(score, tmp_path, rows, ending):
    target, parts = tmp_path / f"cut.{ending}", tmp_path / f".cut.{ending}.parts"
    process = score("rows.parquet", target.name, "cut-bad.csv")
    killed_midway(process, lambda: len(list(parts.glob("0*.arrow"))))
    kept = {path: path.stat().st_mtime_ns for path in sorted(parts.glob("0*.arrow"))[:20]}
    assert not target.exists()
    # What was written of bad rows beyond the last batch that counts is cut off again.
    with (tmp_path / "cut-bad.csv").open("a") as bad:
        bad.write("9,9,half a li")
    again = score("rows.parquet", target.name, "cut-bad.csv")
    killed_midway(again, lambda: len(list(parts.glob("0*.arrow"))) - len(kept) - 20)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert f"cut.{ending}: 1,1" in finished(score("rows.parquet", target.name, "cut-bad.csv"))
    finished(score("rows.parquet", f"whole.{ending}", "whole-bad.csv"))
    assert target.read_bytes() == (tmp_path / f"whole.{ending}").read_bytes()
    bad = (tmp_path / "cut-bad.csv").read_bytes()
    assert bad == (tmp_path / "whole-bad.csv").read_bytes()
    assert bad.count(b"\n") == 1 + rows["minutes"].isna().sum()
    assert not parts.exists()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_table_has_the_rows_of_a_run_that_was_not_killed(
    score, tmp_path, request, rows, database
):
    if database == "sqlite":
        address, progress = f"sqlite:///{tmp_path / 'crm.db'}", in_sqlite(tmp_path / "crm.db")
    else:
        address = request.getfixturevalue("postgres").new_database()
        progress = in_postgres(address)
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        rows.sample(frac=1.0, random_state=1).to_sql("customers", connection, index=False)
    source, target = f"{address}#customers", f"{address}#cut"
    done = killed_midway(score(source, target, "cut-bad.csv"), progress)
    with engine.connect() as connection:
        kept = pd.read_sql_table("cut", connection)
    assert BATCH * done * 0.9 <= len(kept) < len(rows) * 0.9
    assert "#cut: 1,1" in finished(score(source, target, "cut-bad.csv"))
    finished(score(source, f"{address}#whole", "whole-bad.csv"))
    with engine.connect() as connection:
        cut, whole = (
            pd.read_sql_table(name, connection).sort_values("id", ignore_index=True)
            for name in ("cut", "whole")
        )
    pd.testing.assert_frame_equal(cut, whole, check_exact=True)
    assert len(cut) == rows["minutes"].notna().sum()
    assert (tmp_path / "cut-bad.csv").read_bytes() == (tmp_path / "whole-bad.csv").read_bytes()


QUERY = "SELECT rows_read FROM churnlab_score_runs WHERE scores = 'cut'"


def in_sqlite(path):
    def batches():
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            try:
                found = connection.execute(QUERY).fetchone()
            except sqlite3.OperationalError:
                return 0
        return found[0] // BATCH if found else 0

    return batches


def in_postgres(address):
    def batches():
        with psycopg.connect(address.replace("+psycopg", "")) as connection:
            try:
                found = connection.execute(QUERY).fetchone()
            except psycopg.errors.UndefinedTable:
                return 0
        return found[0] // BATCH if found else 0

    return batches
