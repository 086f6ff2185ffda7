"""The whole as it is deployed: service, Redis, Prometheus, and MLflow on PostgreSQL."""

import json
import os
import subprocess
import time
from types import SimpleNamespace

import httpx
import pytest

from churnlab.deployments import Deployments
from churnlab.registry.tracking import opened
from deploy.native import mlflow, prometheus, redis, registered, wait_for
from servers.postgres import postgres
from serving.server import keys_of, serving
from serving.shop import ROWS, deploy, probability
from stages.studies import REPOSITORY

__all__ = ["postgres"]
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
            tmp_path_factory.mktemp("watch"), f"127.0.0.1:{server.port}", keys["monitor"]
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


def test_the_registry_is_kept_in_postgresql_and_artefacts_come_through_the_server(
    postgres, tmp_path, monkeypatch
):
    file = tmp_path / "card.md"
    file.write_text("# A card")
    with mlflow(tmp_path, postgres) as url:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
        with opened(tmp_path) as tracking:
            run = tracking.client.create_run(tracking.experiment("shop")).info
            tracking.client.log_artifact(run.run_id, str(file))
            tracking.client.create_registered_model("shop")
            version = tracking.client.create_model_version("shop", run.artifact_uri, run.run_id)
            tracking.client.set_registered_model_alias("shop", "champion", version.version)
            assert registered(postgres) == [("champion", "shop", 1)]
            (kept,) = (tmp_path / "artifacts").rglob("card.md")
            assert kept.read_text() == "# A card"
            assert tracking.run_name(run.run_id).startswith(f"{url}/#/experiments/")
        # One that is not among the hosts allowed: another page's script in a user's browser.
        other = httpx.get(f"{url}/api/2.0/mlflow/experiments/search", headers={"Host": "evil.test"})
        assert other.status_code == 403


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
