"""Versions change while requests run; none fails, and every answer is of one version."""

import threading
import time

import httpx
import pytest

from churnlab.deployments import Deployments
from serving.server import keys_of, serving
from serving.shop import ROWS, WORDS, deploy, probability

WHY = {"why": "scores look wrong since noon"}


@pytest.fixture
def two(tmp_path):
    """Two versions of the shop, the first in service, with the weight of each."""
    first = deploy(tmp_path, tmp_path / "first")
    second = deploy(tmp_path, tmp_path / "second", weight=0.1, promote=False)
    return {first: 0.3, second: 0.1}


def client(server, keys, role):
    return httpx.Client(base_url=server.url, headers={"X-API-Key": keys[role]}, timeout=30)


def test_an_operator_promotes_rolls_back_and_pins(tmp_path, two):
    first, second = two
    keys = keys_of(tmp_path)
    with serving(tmp_path, tmp_path / "log") as server, client(server, keys, "operator") as ask:

        def version():
            return ask.get("/v1/shop/model").json()["model_version"]

        assert version() == first
        told = ask.post("/v1/shop/promote", json={"version": second, "why": "better in March"})
        assert told.json()["version"] == version() == second
        assert told.json()["changes"][-1]["by"] == "test operator"
        assert ask.post("/v1/shop/pin", json=WHY).json()["pinned"]
        refused = ask.post("/v1/shop/promote", json={"version": first, **WHY})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_changed")
        assert ask.post("/v1/shop/rollback", json=WHY).json()["version"] == version() == first
        assert not ask.post("/v1/shop/unpin", json=WHY).json()["pinned"]
        changes = ask.get("/v1/shop/history").json()["changes"]
        actions = [change["action"] for change in changes]
        assert actions == ["promote", "promote", "pin", "roll back", "unpin"]
        assert ask.post("/v1/shop/rollback", json={"why": "x"}).status_code == 422


def test_no_request_fails_while_versions_change_on_two_processes(tmp_path, two):
    keys = keys_of(tmp_path)
    deployments = Deployments(tmp_path / "deployments")
    done, found = threading.Event(), []

    def ask_on(server):
        with client(server, keys, "scorer") as ask:
            while not done.is_set():
                answer = ask.post("/v1/shop/predict", json={"rows": ROWS})
                found.append((answer.status_code, answer.json()))

    with serving(tmp_path, tmp_path / "log", workers=2) as server:
        asking = [threading.Thread(target=ask_on, args=(server,)) for _ in range(4)]
        for thread in asking:
            thread.start()
        for turn in range(12):
            before = len(found)
            deployments.promote("shop", list(two)[(turn + 1) % 2], "tests", "swapped under load")
            while len(found) < before + 40:
                done.wait(0.01)
        done.set()
        for thread in asking:
            thread.join()
    assert {status for status, _ in found} == {200}
    assert {told["model_version"] for _, told in found} == set(two)
    for _, told in found:
        weight = two[told["model_version"]]
        assert [one["p"] for one in told["predictions"]] == pytest.approx(
            [probability(row, weight) for row in ROWS], abs=1e-6
        )


def test_a_version_that_does_not_load_leaves_the_one_before_in_service(tmp_path, two):
    first, second = two
    keys = keys_of(tmp_path)
    deployments = Deployments(tmp_path / "deployments")
    with serving(tmp_path, tmp_path / "log") as server, client(server, keys, "operator") as ask:
        folder = deployments.bundle("shop", second)
        graph = folder / "model.onnx"
        kept = graph.read_bytes()
        record = deployments.record_path("shop")
        graph.write_bytes(b"altered")
        # As somebody would who edits files by hand, past every check.
        record.write_text(
            record.read_text().replace(f'"version": "{first}"\n}}', f'"version": "{second}"\n}}')
        )
        while "stays out of service" not in server.said():
            pass
        assert ask.get("/v1/shop/model").json()["model_version"] == first
        assert ask.get("/ready").status_code == 200
        measured = ask.get("/metrics").text
        assert 'churnlab_swap_failures_total{study="shop"} 1.0' in measured
        graph.write_bytes(kept)
        assert ask.post("/v1/shop/rollback", json=WHY).status_code == 200


def test_an_altered_version_is_served_as_soon_as_it_was_published_again(tmp_path):
    version = deploy(tmp_path, tmp_path / "shop")
    keys = keys_of(tmp_path)
    deployments = Deployments(tmp_path / "deployments")
    (deployments.bundle("shop", version) / "model.onnx").write_bytes(b"altered")
    with (
        serving(tmp_path, tmp_path / "log", path="/health") as server,
        client(server, keys, "operator") as ask,
    ):
        # It is tried ten times a second, and told of once.
        threading.Event().wait(1)
        assert ask.get("/ready").json()["error"]["message"] == "not loaded: shop"
        assert 'churnlab_swap_failures_total{study="shop"} 1.0' in ask.get("/metrics").text
        assert server.said().count("stays out of service") == 1
        deployments.add("shop", tmp_path / "shop", WORDS)
        end = time.monotonic() + 30
        while ask.get("/ready").status_code != 200 and time.monotonic() < end:
            threading.Event().wait(0.05)
        assert ask.get("/v1/shop/model").json()["model_version"] == version


def test_an_operator_rolls_back_where_the_version_in_service_could_not_be_loaded(tmp_path):
    first = deploy(tmp_path, tmp_path / "first")
    second = deploy(tmp_path, tmp_path / "second", weight=0.1)
    keys = keys_of(tmp_path)
    graph = Deployments(tmp_path / "deployments").bundle("shop", second) / "model.onnx"
    graph.write_bytes(b"altered")
    with (
        serving(tmp_path, tmp_path / "log", path="/health") as server,
        client(server, keys, "operator") as ask,
    ):
        assert ask.get("/v1/shop/model").json()["error"]["code"] == "not_loaded"
        assert ask.get("/v1/shop/history").json()["version"] == second
        assert ask.get("/v1/other/history").status_code == 404
        assert ask.post("/v1/other/rollback", json=WHY).status_code == 404
        assert ask.post("/v1/shop/rollback", json=WHY).json()["version"] == first
        assert ask.get("/v1/shop/model").json()["model_version"] == first
        assert ask.post("/v1/shop/pin", json=WHY).json()["pinned"]
        assert ask.get("/ready").status_code == 200


def test_a_stop_ends_what_was_begun_and_nothing_more(tmp_path):
    deploy(tmp_path, tmp_path / "shop")
    keys = keys_of(tmp_path)
    with serving(tmp_path, tmp_path / "log", workers=2) as server:
        rows = {"rows": [ROWS[0]] * 50, "reasons": 3}
        with client(server, keys, "scorer") as ask:
            answers = []
            slow = threading.Thread(
                target=lambda: answers.append(ask.post("/v1/shop/predict", json=rows))
            )
            slow.start()
            threading.Event().wait(0.05)
            status = server.stop()
            slow.join()
    assert status == 0
    assert answers[0].status_code == 200


def test_without_a_version_the_service_is_alive_and_not_ready(tmp_path):
    keys = keys_of(tmp_path)
    with serving(tmp_path, tmp_path / "log", path="/health") as server:
        answer = httpx.get(f"{server.url}/ready")
        assert answer.status_code == 503
        assert "no version is in service" in answer.json()["error"]["message"]
        version = deploy(tmp_path, tmp_path / "shop")
        while httpx.get(f"{server.url}/ready").status_code != 200:
            pass
        with client(server, keys, "scorer") as ask:
            assert ask.get("/v1/shop/model").json()["model_version"] == version
