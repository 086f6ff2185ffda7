"""The integration guide's blocks, run in order against the service, as a reader would run them."""

import csv
import os
import re
import subprocess
import sys

import duckdb
import pandas as pd
import pytest

from churnlab.champions.bundle import BundledModel
from churnlab.paths import StudyPaths
from churnlab.serving.keys import Keys
from registry.conftest import WHY, done
from serving.server import serving
from stages.studies import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.pipeline]

GUIDE = REPOSITORY / "docs" / "integration.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CUSTOMERS = 40


@pytest.fixture
def service(published):
    """The small study in service with a published list, and `customers.csv` to be scored."""
    assert published.dvc("repro", "score@telecom").returncode == 0
    done("promote", "telecom", "--why", WHY)
    # The same customers in two lists: of no day, and of one.
    done("list", "publish", "telecom")
    done("list", "publish", "telecom", "--date", "2023-01-31")
    paths = StudyPaths(published.root, "telecom")
    columns = list(BundledModel.load(paths.bundle_dir).document("schema")["columns"])
    rows = pd.read_parquet(paths.prepared_test).head(CUSTOMERS)
    rows[["id", *columns]].to_csv(published.root / "customers.csv", index=False)
    home = published.root / ".churnlab"
    _, key = Keys(home / "keys.db").create("crm", "scorer")
    with serving(home, published.root / "service.log") as running:
        yield published.root, {"CHURNLAB_URL": running.url, "CHURNLAB_KEY": key}


def run_block(kind, text, folder, variables):
    if kind == "sql":
        with duckdb.connect() as connection:
            connection.execute(f"SET file_search_path = '{folder}'")
            return str(connection.sql(text) or "")
    program = [sys.executable, "-c"] if kind == "python" else ["bash", "-euo", "pipefail", "-c"]
    ran = subprocess.run(
        [*program, text],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{text}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
    return ran.stdout


def test_every_block_of_the_guide_runs_and_scores(service):
    folder, variables = service
    blocks = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert [kind for kind, _ in blocks] == ["sh", "sh", "sh", "python", "python", "sql", "sql"]
    said = [run_block(kind, text, folder, variables) for kind, text in blocks]
    assert '"id":"A-17"' in said[1] and '"reasons":[' in said[1]
    with (folder / "scores.csv").open(newline="") as file:
        scores = list(csv.DictReader(file))
    riskiest = max(scores, key=lambda row: float(row["p"]))
    assert len(scores) == CUSTOMERS
    assert said[3].split()[:2] == [riskiest["id"], riskiest["p"]]
    assert said[4].startswith(f"{CUSTOMERS} ")
    assert "expected_churners" in said[5]
    with (folder / "crm.csv").open(newline="") as file:
        imported = list(csv.DictReader(file))
    assert imported and "low" not in {row["churn_risk_group"] for row in imported}
    assert len({row["external_id"] for row in imported}) == len(imported)
    # The riskiest alone have reasons; how many is a parameter.
    assert imported[0]["churn_reasons"]
