"""Who may do what, for every role and endpoint; and nothing secret in logs or errors."""

import httpx
import pytest

from churnlab.serving.access import ACCESS, ROLES
from churnlab.serving.application import create_application
from churnlab.serving.keys import Keys
from churnlab.serving.openapi import Description
from churnlab.serving.settings import Settings
from serving.server import keys_of, serving
from serving.shop import ROWS, deploy

WHY = {"why": "a test of who may do this"}
VERSION = "0" * 12
# Every endpoint, the action that it is, and the answer of who may: nothing is changed by any.
ENDPOINTS = {
    ("POST", "/v1/shop/predict"): ("predict", {"rows": ROWS}, 200),
    ("GET", "/v1/shop/customers/nobody"): ("lookup", None, 404),
    ("GET", "/v1/shop/model"): ("model", None, 200),
    ("GET", "/v1/shop/history"): ("history", None, 200),
    ("POST", "/v1/shop/promote"): ("operate", {**WHY, "version": VERSION}, 409),
    ("POST", "/v1/shop/rollback"): ("operate", WHY, 409),
    ("POST", "/v1/shop/pin"): ("operate", {"why": "short"}, 422),
    ("POST", "/v1/shop/unpin"): ("operate", {"why": "short"}, 422),
    ("GET", "/metrics"): ("metrics", None, 200),
    ("GET", "/openapi.json"): ("model", None, 200),
}
OPEN = {("GET", "/health"), ("GET", "/ready")}


def test_every_endpoint_is_in_the_table(ask):
    paths = ask("scorer").get("/openapi.json").json()["paths"]
    described = {
        (method.upper(), path.replace("{study}", "shop").replace("{customer}", "nobody"))
        for path, operations in paths.items()
        for method in operations
        if not path.startswith("/page")
    }
    assert described == {*ENDPOINTS, *OPEN} - {("GET", "/openapi.json")}


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=" ".join)
def test_a_role_may_what_the_table_says_and_nothing_else(ask, role, endpoint):
    action, body, allowed = ENDPOINTS[endpoint]
    answer = ask(role).request(*endpoint, json=body)
    if role is None:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    elif role in ACCESS[action]:
        assert answer.status_code == allowed, answer.text
    else:
        assert answer.status_code == 403, answer.text
        assert answer.json()["error"]["code"] == "not_allowed"


@pytest.mark.parametrize("endpoint", OPEN)
def test_the_rest_is_open(ask, endpoint):
    assert ask(None).request(*endpoint).status_code == 200


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer x", "Basic abc", "Bearer clk_00000000_" + "a" * 43, "Bearer é"]
)
def test_no_valid_key_is_a_401(server, sent):
    headers = {"Authorization": sent.encode()}
    answer = httpx.get(f"{server.url}/v1/shop/model", headers=headers)
    assert answer.status_code == 401


def test_a_key_may_come_in_a_header_of_its_own(server, keys):
    headers = {"X-API-Key": keys["analyst"]}
    assert httpx.get(f"{server.url}/v1/shop/model", headers=headers).status_code == 200


def test_a_revoked_key_is_refused_at_once_by_a_running_service(server, home):
    key, text = Keys(home / "keys.db").create("leaver", "scorer")
    headers = {"Authorization": f"Bearer {text}"}
    assert httpx.get(f"{server.url}/v1/shop/model", headers=headers).status_code == 200
    Keys(home / "keys.db").revoke(key.id)
    assert httpx.get(f"{server.url}/v1/shop/model", headers=headers).status_code == 401


def test_the_description_shows_rows_of_customers_to_keys_alone(ask):
    value = str(ROWS[0]["Spent (BRL)"])
    shown = {role for role in (None, *ROLES) if value in ask(role).get("/openapi.json").text}
    assert shown == set(ACCESS["model"])


def test_the_description_is_written_once_for_a_version(tmp_path):
    first = deploy(tmp_path, tmp_path / "first")
    app = create_application(Settings(home=tmp_path))
    models = app.state.service.models
    models.refresh()
    description = Description(app, app.state.service)
    written = description.encoded()
    assert description.encoded() is written
    second = deploy(tmp_path, tmp_path / "second", weight=0.1)
    models.refresh()
    assert first.encode() in written and second.encode() not in written
    assert second.encode() in description.encoded()


def test_headers_are_as_owasp_asks(ask):
    for answer in (ask("analyst").get("/v1/shop/model"), ask(None).get("/v1/none")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers


def test_an_unknown_endpoint_names_the_description(ask):
    answer = ask(None).get("/v2/shop")
    assert answer.status_code == 404
    assert "/openapi.json" in answer.json()["error"]["message"]
    assert ask(None).delete("/health").status_code == 405


def test_neither_keys_nor_what_was_sent_are_in_logs_or_errors(tmp_path):
    deploy(tmp_path, tmp_path / "shop")
    keys = keys_of(tmp_path)
    with serving(tmp_path, tmp_path / "log") as server:
        for key in (*keys.values(), "clk_12345678_" + "z" * 43):
            headers = {"Authorization": f"Bearer {key}"}
            row = {**ROWS[0], "city": "Sigilo"}
            path = f"{server.url}/v1/shop"
            httpx.post(f"{path}/predict", json={"rows": [row]}, headers=headers)
            httpx.post(f"{path}/predict", json={"rows": [{**row, "calls": 99}]}, headers=headers)
            answer = httpx.get(f"{path}/customers/secret-id", headers=headers)
            assert key not in answer.text
        said = server.said()
    assert '"route":"/v1/{study}/predict"' in said
    assert '"rows":1' in said
    for secret in (*(key.split("_", 2)[2] for key in keys.values()), "zzz", "Sigilo", "secret-id"):
        assert secret not in said


def test_too_many_requests_are_told_when_to_come_again(tmp_path):
    deploy(tmp_path, tmp_path / "shop")
    keys = keys_of(tmp_path)
    with serving(tmp_path, tmp_path / "log", rate=100) as server:
        headers = {"Authorization": f"Bearer {keys['scorer']}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            answers = [client.get("/v1/shop/model") for _ in range(20)]
        other = {"Authorization": f"Bearer {keys['analyst']}"}
        assert httpx.get(f"{server.url}/v1/shop/model", headers=other).status_code == 200
    statuses = [answer.status_code for answer in answers]
    assert statuses[:10] == [200] * 10
    assert statuses[-1] == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
