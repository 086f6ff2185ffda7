import datetime
import shutil
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from batch.bundles import GROUPS, ROWS, small_bundle
from churnlab.cli import app
from churnlab.deployments import Deployments


@pytest.fixture
def repository(tmp_path, repo_root, monkeypatch):
    """A repository whose telecom champion is a small bundle."""
    shutil.copy(repo_root / "params.yaml", tmp_path)
    shutil.copytree(repo_root / "data/catalog", tmp_path / "data/catalog")
    (tmp_path / "bundles").mkdir()
    small_bundle(tmp_path / "bundles").directory.rename(tmp_path / "bundles" / "telecom")
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without the repository: deployments, and rows."""
    deployments = Deployments(tmp_path / "home" / "deployments")
    bundle = small_bundle(tmp_path / "made").directory
    version = deployments.add("shop", bundle, {"groups": GROUPS})
    deployments.promote("shop", version, "tests", "the tests need it")
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return version


def score(study, source, target, *options):
    return CliRunner().invoke(
        app, ["score", study, "--input", source, "--output", target, *options]
    )


def test_a_table_is_scored_and_the_model_and_date_named(repository):
    done = score("telecom", "rows.csv", "scores.parquet", "--date", "2026-01-31")
    assert done.exit_code == 0, done.output
    found = pd.read_parquet("scores.parquet")
    version = found["model_version"].iloc[0]
    assert done.output == f"scores.parquet: 300 rows, by xgb {version} for 2026-01-31\n"
    assert found["id"].tolist() == ROWS["id"].astype(str).tolist()
    again = score("telecom", "rows.csv", "scores.parquet", "--date", "2026-01-31")
    assert again.exit_code == 0
    assert again.output.endswith("for 2026-01-31, there already\n")


def test_the_date_is_today_where_none_is_given(repository):
    before = datetime.date.today()
    assert score("telecom", "rows.csv", "scores.parquet").exit_code == 0
    (found,) = set(pd.read_parquet("scores.parquet")["date"])
    assert before <= found <= datetime.date.today()


def test_the_version_in_service_scores_where_there_is_no_repository(machine):
    done = score("shop", "rows.csv", "sqlite:///crm.db#scores", "--home", "home")
    assert done.exit_code == 0, done.output
    assert f"sqlite:///crm.db#scores: 300 rows, by xgb {machine} for " in done.output


def test_bad_rows_are_counted_in_the_end(repository):
    ROWS.assign(plan=["gold", "basic"] * 150).to_csv("rows.csv", index=False)
    done = score("telecom", "rows.csv", "scores.csv", "--bad-rows", "bad.csv")
    assert done.exit_code == 0, done.output
    assert "scores.csv: 150 rows, by xgb " in done.output
    assert done.output.endswith("; 150 left out, see bad.csv\n")
    assert len(pd.read_csv("bad.csv")) == 150


@pytest.mark.parametrize(
    ("study", "source", "target", "words"),
    [
        ("telecon", "rows.csv", "scores.parquet", "did you mean 'telecom'?"),
        ("bank", "rows.csv", "scores.parquet", "run `dvc repro` up to export first"),
        ("telecom", "row.csv", "scores.parquet", "there is no such file"),
        ("telecom", "rows.csv", "scores.xls", "ends neither in .csv nor in .parquet"),
        ("telecom", "sqlite:///crm.db#customers", "scores.csv", "there is no such file"),
    ],
)
def test_a_mistake_ends_with_what_to_do(repository, study, source, target, words):
    done = score(study, source, target)
    assert done.exit_code == 1
    assert words in done.output
    assert sorted(path.name for path in repository.iterdir()) == [
        "bundles",
        "data",
        "params.yaml",
        "rows.csv",
    ]


def test_a_study_that_is_not_in_service_is_told_with_the_one_meant(machine):
    done = score("shopp", "rows.csv", "scores.csv", "--home", "home")
    assert done.exit_code == 1
    assert "no version of 'shopp' is in service there; did you mean 'shop'?" in done.output
    nowhere = score("shop", "rows.csv", "scores.csv", "--home", "nowhere")
    assert "nowhere: no version of 'shop' is in service there" in nowhere.output


def test_a_column_that_is_misspelt_is_told_with_the_one_meant(repository):
    ROWS.rename(columns={"minutes": "minuts"}).to_csv("rows.csv", index=False)
    done = score("telecom", "rows.csv", "scores.csv")
    assert done.exit_code == 1
    assert "column 'minutes': missing; is it 'minuts'?" in done.output


@pytest.mark.parametrize(
    ("module", "address"),
    [
        ("sqlalchemy", "sqlite:///crm.db#customers"),
        ("psycopg", "postgresql://me@host/crm#customers"),
    ],
)
def test_a_driver_that_is_not_installed_is_told_with_what_brings_it(
    repository, monkeypatch, module, address
):
    # None in the table of modules is how Python says that one cannot be imported.
    monkeypatch.setitem(sys.modules, module, None)
    done = score("telecom", address, "scores.csv")
    assert done.exit_code == 1
    assert f"{module} is not installed; pip install 'churnlab[database]' brings it" in done.output


def test_spark_leaves_no_rows_out(repository):
    options = ("--engine", "spark", "--bad-rows", "bad.csv")
    done = score("telecom", "rows.csv", "scores", *options)
    assert done.exit_code == 1
    assert "Spark does not leave rows out" in done.output
