"""The whole as it is deployed: service, Redis, Prometheus, and MLflow on PostgreSQL."""

import json
import os
import shutil
import subprocess
import time
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from churnlab.deployments import Deployments
from churnlab.registry.promotion import deployments_dir
from deploy.native import mlflow, prometheus, redis, wait_for
from registry.conftest import done, two_champions
from servers.postgres import postgres
from serving.server import keys_of, serving
from serving.shop import ROWS, deploy, probability
from stages.studies import REPOSITORY

__all__ = ["postgres", "two_champions"]
pytestmark = pytest.mark.slow

PREDICT = "/v1/shop/predict"
ROUTE = 'route="/v1/{study}/predict"'
RATE = 60  # a minute, of which a tenth may come at once


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Two workers that count in Redis, watched by Prometheus."""
    home = tmp_path_factory.mktemp("home")
    deploy(home, tmp_path_factory.mktemp("export") / "shop")
    keys = keys_of(home)
    with (
        redis() as store,
        serving(home, home / "log", online_store=store, workers=2) as server,
        prometheus(
            tmp_path_factory.mktemp("watch"), f"127.0.0.1:{server.port}", keys["operator"]
        ) as watching,
    ):
        yield SimpleNamespace(home=home, keys=keys, server=server, watching=watching, store=store)


@pytest.fixture(scope="module")
def scored(stack):
    """Forty requests answered and one refused, a connection each so that both workers have some."""
    url, headers = stack.server.url + PREDICT, {"X-API-Key": stack.keys["scorer"]}
    answers = [httpx.post(url, json={"rows": ROWS}, headers=headers) for _ in range(40)]
    refused = httpx.post(url, json={"rows": [{**ROWS[0], "plan": "gold"}]}, headers=headers)
    return [answer.json() for answer in answers], refused


def test_requests_are_scored(scored):
    answers, refused = scored
    assert refused.status_code == 422
    expected = [probability(row) for row in ROWS]
    for answer in answers:
        assert [one["p"] for one in answer["predictions"]] == pytest.approx(expected, abs=1e-6)


@pytest.mark.usefixtures("scored")
def test_prometheus_reads_with_its_key_and_adds_up_both_workers(stack):
    def requests():
        return stack.watching.values(f"churnlab_requests_total{{{ROUTE}}}", "status")

    wait_for(lambda: requests().get("422"), "Prometheus has the refused request")
    assert requests() == {"200": 40.0, "422": 1.0}
    assert stack.watching.values("up", "job") == {"churnlab": 1.0}
    assert stack.watching.values("churnlab_rows_sum", "study") == {"shop": 80.0}
    told = sum(stack.watching.values("churnlab_scores_total", "tenth").values())
    assert told == 80.0
    version = Deployments(stack.home / "deployments").current("shop").version
    assert stack.watching.values("churnlab_model_version == 1", "version") == {version: 1.0}


@pytest.mark.usefixtures("scored")
def test_every_panel_of_the_dashboard_is_a_query_that_prometheus_answers(stack):
    wait_for(lambda: stack.watching.ask("churnlab_rows_count"), "Prometheus has rows")
    dashboard = json.loads((REPOSITORY / "deploy/grafana/dashboards/churnlab.json").read_text())
    chosen = {"$instance": ".*", "$study": ".*", "$__rate_interval": "1m", "$__range": "1h"}
    empty = []
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            query = target["expr"]
            for variable, value in chosen.items():
                query = query.replace(variable, value)
            if not stack.watching.ask(query):
                empty.append(panel["title"])
    # Nothing has failed yet, no alert is due, and the scores of a week are not there.
    assert set(empty) <= {
        "Alerts",
        "Scores moved",
        "Swaps and failures",
        "Share of scoring requests that fail",
    }


def test_a_key_has_its_rate_once_over_both_workers(stack, tmp_path):
    settings = {"workers": 2, "rate": RATE, "online_store": stack.store}
    headers = {"X-API-Key": stack.keys["analyst"]}
    with serving(stack.home, tmp_path / "log", **settings) as server:
        began = time.monotonic()
        # A connection each, so that both workers have some.
        told = [
            httpx.post(server.url + PREDICT, json={"rows": ROWS[:1]}, headers=headers)
            for _ in range(100)
        ]
        elapsed = time.monotonic() - began
    assert {answer.status_code for answer in told} == {200, 429}
    admitted = sum(answer.status_code == 200 for answer in told)
    # Counted by each worker alone, twice as many would pass.
    at_once, each_second = 0.1 * RATE, RATE / 60
    assert at_once <= admitted <= at_once + each_second * elapsed + 1


def test_a_version_that_cannot_be_loaded_raises_the_alarm_and_the_one_before_answers(stack):
    deployments = Deployments(stack.home / "deployments")
    before = deployments.current("shop").version
    assert "ChurnlabSwapFailed" not in stack.watching.alerts()
    bad = deploy(stack.home, stack.home / "next", weight=0.5, promote=False)
    deployments.promote("shop", bad, "tests", "it will be damaged at once")
    # Damaged between promotion and the look of the workers, as a disk would.
    (deployments.bundle("shop", bad) / "model.onnx").write_bytes(b"damaged")
    alert = wait_for(lambda: stack.watching.alerts().get("ChurnlabSwapFailed"), "the alert fires")
    assert alert["labels"]["study"] == "shop"
    assert "could not be loaded" in alert["annotations"]["summary"]
    headers = {"X-API-Key": stack.keys["scorer"]}
    answer = httpx.post(stack.server.url + PREDICT, json={"rows": ROWS}, headers=headers)
    assert (answer.status_code, answer.headers["x-model-version"]) == (200, before)


def test_prometheus_without_an_operators_key_reads_nothing(stack, tmp_path):
    target = f"127.0.0.1:{stack.server.port}"
    with prometheus(tmp_path, target, stack.keys["scorer"]) as refused:
        wait_for(lambda: refused.ask('up{job="churnlab"}'), "it has tried")
        assert refused.values('up{job="churnlab"}', "job") == {"churnlab": 0.0}
        assert refused.ask("churnlab_requests_total") == []


@pytest.fixture
def registry(postgres, tmp_path):
    """MLflow's server on an empty database of PostgreSQL."""
    password = "f00d" * 16
    with psycopg.connect(
        postgres.url().replace("postgresql+psycopg", "postgresql"), autocommit=True
    ) as connection:
        connection.execute("DROP DATABASE IF EXISTS mlflow")
        connection.execute("DROP ROLE IF EXISTS mlflow")
        connection.execute(f"CREATE ROLE mlflow LOGIN PASSWORD '{password}'")
        connection.execute("CREATE DATABASE mlflow OWNER mlflow")
    with mlflow(tmp_path, f"127.0.0.1:{postgres.port}", password) as url:
        yield url


@pytest.mark.pipeline
def test_what_is_published_and_promoted_through_the_server_answers(
    registry, postgres, two_champions, tmp_path, monkeypatch
):
    root = tmp_path / "repository"
    shutil.copytree(two_champions.root, root, symlinks=True)
    monkeypatch.chdir(root)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry)
    assert urlsplit(registry).netloc in done("publish", "telecom")
    assert "is the champion" in done("promote", "telecom", "--why", "the first one in service")
    home = deployments_dir(root).parent
    keys = keys_of(home)
    with serving(home, tmp_path / "log", workers=2) as server:
        ready = httpx.get(f"{server.url}/ready").json()
        described = httpx.get(f"{server.url}/openapi.json").json()
        path = described["paths"]["/v1/telecom/predict"]["post"]
        rows = path["requestBody"]["content"]["application/json"]["examples"]["one row"]["value"]
        headers = {"X-API-Key": keys["scorer"]}
        answer = httpx.post(f"{server.url}/v1/telecom/predict", json=rows, headers=headers)
    assert answer.status_code == 200, answer.text
    bundle = Deployments(deployments_dir(root)).current("telecom").version
    assert ready["versions"] == {"telecom": bundle}
    kept = registered(postgres)
    assert kept == [("champion", "telecom", 1)]


def registered(postgres):
    """Return alias, model and version as PostgreSQL has them."""
    url = postgres.url("mlflow").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT alias, name, version FROM registered_model_aliases ORDER BY 1"
        ).fetchall()


def test_the_server_does_not_start_on_a_password_that_would_break_its_address(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("p@ss/word")
    variables = {"DATABASE_HOST": "nowhere", "DATABASE_PASSWORD_FILE": str(secret)}
    started = subprocess.run(
        [str(REPOSITORY / "deploy/start-mlflow")],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 1
    assert "letters, digits" in started.stderr and "p@ss" not in started.stderr
