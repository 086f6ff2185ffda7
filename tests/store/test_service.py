"""A lookup over HTTP scores what the store serves, as the same row sent as JSON is scored."""

import json
import shutil

import httpx
import numpy as np
import pytest
from onnx import TensorProto

from churnlab.champions.bundle import bundle_schema, reference_profile, write_bundle
from churnlab.champions.onnx_conversion import OUTPUT
from churnlab.champions.onnx_graph import GraphBuilder, Symbol
from churnlab.deployments import Deployments
from churnlab.stages.recipes import table_schema
from serving.server import keys_of, serving
from store.served import ENVIRONMENT, RedisServer, as_served, context, served

pytestmark = pytest.mark.slow
GRID = np.linspace(0.0, 1.0, 51)


def export(study, folder):
    """Write a bundle that reads every column of a study, and returns a sum of its numbers."""
    train = study.train()
    schema = table_schema(study, train)
    graph = GraphBuilder()
    total = Symbol(graph, graph.constant([[0.0]]))
    for name in schema.numeric:
        total = total + Symbol(graph, graph.input(name, TensorProto.DOUBLE)) * 0.001
    for name, levels in schema.categorical.items():
        same = graph.node("Equal", [graph.input(name, TensorProto.STRING), graph.text(levels[0])])
        total = total + Symbol(graph, graph.cast(same, TensorProto.DOUBLE))
    for name in schema.codes:
        total = total + Symbol(
            graph, graph.lookup(graph.input(name, TensorProto.STRING), {"": 0.0})
        )
    model = graph.model(graph.node("Sigmoid", [(total - 1.0).name]), OUTPUT)
    card = {
        "champion": "sum",
        "data_sha256": "0" * 64,
        "metrics": {},
        "threshold": 0.5,
        "threshold_reason": "none",
    }
    documents = {
        "card": card,
        "rates": {"p": GRID, "low": GRID, "high": GRID},
        "reference": reference_profile(train, schema, np.linspace(0, 1, len(train))),
        "schema": bundle_schema(schema, study.catalog),
    }
    write_bundle(folder, model.SerializeToString(deterministic=True), documents)
    return folder


def in_service(root, home, folder, name):
    """Put a version of a study into service below `home`."""
    deployments = Deployments(home / "deployments")
    words = {"columns": {}, "groups": {"high": 0.5}, "examples": {"rows": []}}
    version = deployments.add(name, export(context(root, name), folder / "bundle"), words)
    deployments.promote(name, version, "tests", "the tests need it")


@pytest.mark.parametrize("name", ["telecom", "bank"])
def test_a_lookup_is_scored_as_the_row_that_it_stands_for(
    root, tmp_path, online, monkeypatch, name
):
    for variable, value in {**ENVIRONMENT, **online}.items():
        monkeypatch.setenv(variable, value)
    store = served(root, name, **online)
    store.apply()
    store.materialise()
    home = root / ".churnlab"
    in_service(root, home, tmp_path, name)
    rows = context(root, name).test().head(3)
    inputs = list(store.document.inputs)
    sent = json.loads(rows[inputs].to_json(orient="records"))
    keys = keys_of(home)
    with serving(home, tmp_path / "log") as server:
        headers = {"X-API-Key": keys["scorer"]}
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as ask:
            told = ask.post(f"/v1/{name}/predict", json={"rows": sent})
            assert told.status_code == 200, told.text
            pseudonyms = as_served(store, rows["id"])
            for pseudonym, expected in zip(pseudonyms, told.json()["predictions"], strict=True):
                answer = ask.get(f"/v1/{name}/customers/{pseudonym}", params={"reasons": 2})
                assert answer.status_code == 200, answer.text
                (found,) = answer.json()["predictions"]
                assert len(found.pop("reasons")) == 2
                assert found == {**expected, "id": pseudonym}
            unknown = ask.get(f"/v1/{name}/customers/{'0' * 32}")
            assert unknown.status_code == 404
            # An id of the data itself is not looked up, nor repeated.
            own = ask.get(f"/v1/{name}/customers/{rows['id'].iloc[0]}")
            assert own.json()["error"]["code"] == "unknown_customer"
            assert "pseudonym" in own.json()["error"]["message"]
            # Feast would have measures go to a folder of its own from here on.
            measured = ask.get("/metrics", headers={"X-API-Key": keys["operator"]}).text
            assert f'churnlab_rows_count{{study="{name}"}} ' in measured


def test_a_store_that_fails_is_no_unknown_customer_and_tells_no_address(
    root, tmp_path, monkeypatch
):
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("there is no `redis-server` on the path")
    redis = RedisServer(binary, tmp_path)
    for variable, value in {**ENVIRONMENT, "CHURNLAB_ONLINE_STORE": redis.url}.items():
        monkeypatch.setenv(variable, value)
    # A home outside of the repository, which is then named.
    home = tmp_path / "home"
    home.mkdir()
    store = served(root, "telecom", CHURNLAB_ONLINE_STORE=redis.url)
    store.apply()
    in_service(root, home, tmp_path, "telecom")
    (known,) = as_served(store, context(root, "telecom").test().head(1)["id"])
    path = f"/v1/telecom/customers/{known}"
    headers = {"X-API-Key": keys_of(home)["scorer"]}
    with (
        serving(home, tmp_path / "log", repository=root) as server,
        httpx.Client(base_url=server.url, headers=headers, timeout=60) as ask,
    ):

        def said():
            answer = ask.get(path)
            return answer.status_code, answer.json().get("error", {}).get("code"), answer.text

        assert said()[:2] == (503, "store_unavailable")
        assert "no values are online" in server.said()
        store.materialise()
        assert said()[0] == 200
        redis.stop()
        status, code, text = said()
        assert (status, code) == (503, "store_unavailable")
        assert str(redis.port) not in text and "127.0.0.1" not in text
        assert f"127.0.0.1:{redis.port}" in server.said()
    with serving(home, tmp_path / "log") as server:
        answer = httpx.get(server.url + path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_store")
