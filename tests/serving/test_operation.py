"""What operators rely on: measures of all processes, workers replaced, TLS, time limits."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import httpx
import psutil
import pytest

from churnlab.deployments import Deployments
from serving.server import keys_of, serving
from serving.shop import ROWS, deploy

PATH = "/v1/shop/predict"


@pytest.fixture
def place(tmp_path):
    """A folder with a version in service, and its keys."""
    deploy(tmp_path, tmp_path / "shop")
    return tmp_path, keys_of(tmp_path)


def measured(server, keys):
    """Return the measures by name and labels."""
    text = httpx.get(f"{server.url}/metrics", headers={"X-API-Key": keys["operator"]}).text
    pairs = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def workers(server):
    found = set()
    for child in psutil.Process(server.process.pid).children():
        # One that has just ended has no command line any more.
        with suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                found.add(child.pid)
    return found


def test_measures_are_added_up_over_the_workers(place):
    home, keys = place
    with serving(home, home / "log", workers=2) as server:
        headers = {"X-API-Key": keys["scorer"]}
        for _ in range(30):  # A connection each, so that both workers have some.
            body = {"rows": ROWS}
            assert httpx.post(server.url + PATH, json=body, headers=headers).status_code == 200
        httpx.post(server.url + PATH, json={"rows": []}, headers=headers)
        found = measured(server, keys)
    version = Deployments(home / "deployments").current("shop").version
    route = 'route="/v1/{study}/predict"'
    assert found[f'churnlab_requests_total{{{route},status="200"}}'] == 30
    assert found[f'churnlab_requests_total{{{route},status="422"}}'] == 1
    assert found[f"churnlab_request_seconds_count{{{route}}}"] == 31
    assert found['churnlab_rows_sum{study="shop"}'] == 60
    assert found['churnlab_errors_total{code="invalid_rows"}'] == 1
    assert found[f'churnlab_model_version{{study="shop",version="{version}"}}'] == 1
    told = [value for name, value in found.items() if name.startswith("churnlab_scores_total")]
    assert sum(told) == 60


def test_measures_need_a_key_unless_they_are_opened(place):
    home, _ = place
    with serving(home, home / "log", open_metrics=True) as server:
        assert "churnlab_model_version" in httpx.get(f"{server.url}/metrics").text


def test_a_killed_worker_is_replaced_and_whoever_asks_again_is_answered(place):
    home, keys = place
    headers = {"X-API-Key": keys["scorer"]}
    with serving(home, home / "log", workers=2) as server:
        before = workers(server)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        # As HTTP clients do for requests that change nothing.
        transport = httpx.HTTPTransport(retries=3)
        answers = 0
        end = time.monotonic() + 30
        with httpx.Client(transport=transport, headers=headers) as client:
            while len(workers(server) - before) < 1 or answers < 50:
                assert time.monotonic() < end
                try:
                    status = client.post(server.url + PATH, json={"rows": ROWS}).status_code
                except httpx.TransportError:
                    continue
                assert status == 200
                answers += 1
        assert len(workers(server)) == 2


def test_the_version_of_a_worker_that_was_killed_is_not_told_for_ever(place):
    home, keys = place
    deployments = Deployments(home / "deployments")
    first = deployments.current("shop").version
    with serving(home, home / "log", workers=2) as server:
        before = workers(server)
        os.kill(min(before), signal.SIGKILL)
        end = time.monotonic() + 30
        while len(workers(server) - before) < 1:
            assert time.monotonic() < end
            time.sleep(0.05)
        second = deploy(home, home / "second", weight=0.1)

        def told():
            found = measured(server, keys)
            return [
                found.get(f'churnlab_model_version{{study="shop",version="{version}"}}', 0.0)
                for version in (first, second)
            ]

        while told() != [0, 1]:
            assert time.monotonic() < end, told()
            time.sleep(0.2)


def test_https_with_a_certificate_of_ones_own(place):
    home, keys = place
    certificate, key = home / "cert.pem", home / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    settings = {"tls_certificate": certificate, "tls_key": key}
    verified = {"verify": str(certificate)}
    with serving(home, home / "log", scheme="https", options=verified, **settings) as server:
        answer = httpx.get(
            f"{server.url}/v1/shop/model", headers={"X-API-Key": keys["scorer"]}, **verified
        )
        assert answer.status_code == 200
        assert "max-age" in answer.headers["strict-transport-security"]
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{server.url}/health")


def test_a_request_that_takes_too_long_is_given_up_and_the_next_one_answered(place):
    home, keys = place
    headers = {"X-API-Key": keys["scorer"]}
    with serving(home, home / "log", seconds=0.05, most_reasons=10_000) as server:
        slow = {"rows": [ROWS[0]] * 2000, "reasons": 4}
        answer = httpx.post(server.url + PATH, json=slow, headers=headers, timeout=60)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "timed_out")
        end = time.monotonic() + 60
        while (
            httpx.post(server.url + PATH, json={"rows": ROWS}, headers=headers).status_code != 200
        ):
            assert time.monotonic() < end


def test_the_service_imports_nothing_that_trains():
    program = (
        "import sys, churnlab.serving.application as a, churnlab.serving.run;"
        "print([m for m in ('sklearn', 'tensorflow', 'xgboost', 'pandas', 'scipy', 'onnx', 'dvc',"
        " 'mlflow', 'feast', 'pickle5', 'joblib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
