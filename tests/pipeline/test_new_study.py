"""A person's own table, from `churnlab new-study` to a report, with no Python written."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from onboarding.tables import difficult, written
from pipeline.repository import Repository
from stages.studies import REPOSITORY, make_repository

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A repository in which a difficult table was made a study and run to its report."""
    root = make_repository(tmp_path_factory.mktemp("own") / "repository")
    for name in ("dvc.yaml", ".dvcignore", ".gitignore", ".gitattributes"):
        shutil.copy(REPOSITORY / name, root / name)
    shutil.copytree(
        REPOSITORY / ".dvc", root / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp", "*.local")
    )
    repository = Repository(root)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message=as published")
    # Inside the repository, where it is easiest to commit the data by accident.
    written(difficult(1200), root / "mine.csv")
    command = ("-c", "import sys; sys.path.insert(0, 'src'); from churnlab.cli import app; app()")
    asked = ("--target", "churned", "--id", "customer_id", "--time", "drawn")
    done = repository.run("python", *command, "new-study", "mine.csv", *asked)
    assert done.returncode == 0, done.stderr
    repository.said = done.stdout
    run = repository.dvc("repro", "report@mine")
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return repository


def metrics(repository, name):
    return json.loads((repository.root / f"metrics/mine/{name}.json").read_text())


def test_everything_up_to_the_report_is_there(finished):
    page = (finished.root / "reports/mine.html").read_text()
    assert "by time: the latest rows are the test part" in page
    assert "is free text" in finished.said
    assert set(metrics(finished, "test")) >= {"rf", "mlp", "blend"}


def test_the_models_find_the_planted_signal_and_not_the_leak(finished):
    auc = metrics(finished, "test")["rf"]["roc_auc"]
    assert 0.6 < auc < 0.97
    inputs = set(metrics(finished, "importance")["shap"])
    assert {"calls", "city", "income", "joined"} <= inputs
    assert not {"exit_reason", "e_mail", "remark", "currency", "drawn", "customer_id"} & inputs


def test_the_exported_graph_says_what_the_pipeline_says_gaps_and_new_codes_included(finished):
    test = pd.read_parquet(finished.root / "data/prepared/mine/test.parquet")
    train = pd.read_parquet(finished.root / "data/prepared/mine/train.parquet")
    assert np.isnan(test["income"]).any()
    assert set(test["city"]) - set(train["city"])
    parity = metrics(finished, "export")
    assert parity["rows"] == len(test)
    assert parity["largest_difference"] <= 1e-5
    schema = json.loads((finished.root / "bundles/mine/schema.json").read_text())["columns"]
    assert schema["joined"]["unit"] == "days before the time of prediction"
    assert schema["city"] == {"type": "code"}


def test_the_data_are_not_offered_to_git(finished):
    finished.git("add", "--all", "--dry-run")
    offered = finished.git("add", "--all", "--dry-run")
    assert "mine.csv" not in offered
    assert "data/catalog/mine.yaml" in offered


def test_nothing_is_left_to_run(finished):
    assert "up to date" in finished.dvc("status", "report@mine").stdout


def test_a_parameter_of_the_new_study_is_its_own(finished):
    params = yaml.safe_load((finished.root / "params.yaml").read_text())
    assert params["split"]["mine"] == "time"
    status = json.loads(finished.dvc("status", "--json", "prepare@mine").stdout)
    assert status == {}
