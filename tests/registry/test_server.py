"""The registry on MLflow's own server with users; the published model served by MLflow."""

import json
import shutil

import httpx
import numpy as np
import pandas as pd
import pytest

from churnlab.champions.bundle import BundledModel
from churnlab.paths import StudyPaths
from pipeline.repository import Repository
from registry.conftest import WHY, done, run
from registry.mlflow_server import PASSWORD, USER, model_server, registry_server

pytestmark = [pytest.mark.slow, pytest.mark.pipeline]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with registry_server(tmp_path_factory.mktemp("mlflow")) as running:
        yield running


@pytest.fixture
def reached(server, monkeypatch):
    """The variables with which MLflow's client reaches the server."""
    variables = {
        "MLFLOW_TRACKING_URI": server.url,
        "MLFLOW_TRACKING_USERNAME": USER,
        "MLFLOW_TRACKING_PASSWORD": PASSWORD,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture(scope="module")
def clone(two_champions, tmp_path_factory):
    """One repository for the tests of this file, since they share the server."""
    root = tmp_path_factory.mktemp("server") / "repository"
    shutil.copytree(two_champions.root, root, symlinks=True)
    return Repository(root)


@pytest.fixture
def here(clone, monkeypatch):
    monkeypatch.chdir(clone.root)
    return clone


def asked(server, path, **query):
    answer = httpx.get(f"{server.url}/api/2.0/mlflow/{path}", params=query, auth=(USER, PASSWORD))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_version_is_published_and_promoted_on_a_server_with_users(server, reached, here):
    told = done("publish", "telecom")
    assert server.url in told and PASSWORD not in told
    done("promote", "telecom", "--why", WHY)
    version = asked(server, "registered-models/alias", name="telecom", alias="champion")
    model = BundledModel.load(StudyPaths(here.root, "telecom").bundle_dir)
    tags = {tag["key"]: tag["value"] for tag in version["model_version"]["tags"]}
    assert model.version in tags.values()
    assert WHY in done("history", "telecom")


def test_every_family_is_a_run_that_names_its_commit_and_the_commit_names_the_run(
    server, reached, here
):
    done("log-runs", "telecom")
    experiments = asked(server, "experiments/search", max_results=50)["experiments"]
    ids = [one["experiment_id"] for one in experiments if "telecom" in one["name"]]
    found = httpx.post(
        f"{server.url}/api/2.0/mlflow/runs/search",
        json={"experiment_ids": ids, "max_results": 100},
        auth=(USER, PASSWORD),
    ).json()["runs"]
    commit = here.git("rev-parse", "HEAD").strip()
    by_name = {
        one["info"]["run_name"]: {tag["key"]: tag["value"] for tag in one["data"]["tags"]}
        for one in found
    }
    for family in ("rf", "mlp"):
        runs = [tags for name, tags in by_name.items() if name.startswith(family)]
        assert any(commit in tags.values() for tags in runs), by_name
    note = here.git("notes", "--ref=mlflow", "show", "HEAD")
    assert f"{server.url}/#/experiments/" in note


@pytest.mark.parametrize("command", ["publish", "history"])
def test_a_wrong_password_is_told_without_showing_it(server, reached, here, monkeypatch, command):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "wrong-and-secret")
    result = run(command, "telecom")
    assert result.exit_code == 1
    assert "MLFLOW_TRACKING_USERNAME" in result.output
    assert "wrong-and-secret" not in result.output


def test_a_server_that_does_not_answer_is_named(here, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    result = run("history", "telecom")
    assert result.exit_code == 1
    assert "http://127.0.0.1:9: the server does not answer" in result.output


def test_mlflow_serves_the_published_model_with_the_same_probabilities(reached, here, tmp_path):
    done("publish", "telecom")
    paths = StudyPaths(here.root, "telecom")
    bundle = BundledModel.load(paths.bundle_dir)
    rows = pd.read_parquet(paths.prepared_test)[list(bundle.document("schema")["columns"])].head(50)
    with model_server("models:/telecom@champion", tmp_path, reached) as address:
        body = {"dataframe_split": json.loads(rows.to_json(orient="split", index=False))}
        answer = httpx.post(address, json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    told = [one["p"] for one in answer.json()["predictions"]]
    np.testing.assert_allclose(told, bundle.predict(rows), atol=1e-9)
