"""Every page for every role and for nobody, and the headers that pages have."""

import httpx
import pytest

from churnlab.serving.pages.rendering import POLICY
from serving.pages.conftest import said, sign_in, token
from serving.server import keys_of, serving
from serving.shop import deploy

PAGES = {
    "/app/": 303,
    "/app/studies/shop": 200,
    "/app/studies/shop/list.csv": 200,
    "/app/studies/shop/customer?id=C0005": 200,
    "/app/studies/shop/what-if.json?id=C0005": 200,
    "/app/studies/shop/model": 200,
    "/app/studies/shop/drift": 200,
}
FORMS = (
    "/app/sign-out",
    *(f"/app/studies/shop/model/{do}" for do in ("roll-back", "pin", "unpin")),
)
ROLES = ("analyst", "operator", "privacy_officer")


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(browse, path):
    answer = browse(None).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/app/sign-in?next=%2Fapp%2F")


@pytest.mark.parametrize("path", FORMS)
def test_nobody_sends_a_form_without_signing_in(browse, path):
    client = browse(None)
    sent = {"form_token": token(client.get("/app/sign-in")), "why": "a reason that is long enough"}
    assert client.post(path, data=sent).status_code in (303, 403)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", PAGES)
def test_every_role_of_the_page_sees_it(browse, role, path):
    assert browse(role).get(path).status_code == PAGES[path]


@pytest.mark.parametrize("path", PAGES)
def test_a_key_in_a_header_opens_no_page(server, keys, path):
    headers = {"Authorization": f"Bearer {keys['operator']}"}
    assert httpx.get(server.url + path, headers=headers).status_code == 303


@pytest.mark.parametrize("role", ROLES)
def test_operators_alone_are_offered_changes_and_may_make_them(browse, role):
    client = browse(role)
    page = client.get("/app/studies/shop/model")
    assert ("Change what answers" in said(page)) == (role == "operator")
    sent = {"form_token": token(page), "why": "short"}
    answer = client.post("/app/studies/shop/model/pin", data=sent)
    assert answer.status_code == (409 if role == "operator" else 403)


@pytest.mark.parametrize("role", ROLES)
def test_who_changed_what_is_for_operators_and_privacy_officers(browse, role):
    shown = "the tests need it" in said(browse(role).get("/app/studies/shop/model"))
    assert shown == (role != "analyst")


@pytest.mark.parametrize("path", ["/app/sign-in", *(path for path in PAGES if "json" not in path)])
def test_headers_of_a_page_are_as_owasp_asks(browse, path):
    answer = browse("analyst").get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert answer.headers["content-security-policy"] == POLICY
        assert "unsafe" not in POLICY
        assert answer.headers["vary"] == "Cookie, Accept-Language"
        assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", [path for path in PAGES if "." not in path])
def test_nothing_in_a_page_needs_more_than_its_policy_allows(browse, path):
    text = browse("operator").get(path, follow_redirects=True).text
    for inline in (" style=", "<style", " onclick=", " oninput=", " onload=", "javascript:"):
        assert inline not in text
    assert text.count("<script") == text.count('<script src="/app/assets/page.js?v=')


def test_files_are_kept_by_browsers_under_an_address_that_changes_with_them(browse):
    client = browse(None)
    page = client.get("/app/sign-in").text
    for name in ("page.css", "page.js", "icon.svg"):
        address = page.split(f'"/app/assets/{name}')[1].split('"')[0]
        answer = client.get(f"/app/assets/{name}{address}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert client.get("/app/assets/page.html").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/app/studies/none", 404, "There is no study of this name"),
        ("/app/studies/shop/nothing", 404, "There is no such page"),
        ("/app/studies/shop?list=2018-01-01_000000000000", 404, "There is no such list"),
        ("/app/studies/shop?list=../../keys.db", 404, "There is no such list"),
        ("/app/studies/shop/customer?id=nobody", 404, "The list has no such customer"),
        ("/app/studies/shop/customer", 404, "The list has no such customer"),
    ],
)
def test_what_is_not_there_is_told_on_a_page_of_the_same_language(browse, path, status, words):
    answer = browse("analyst").get(path)
    assert answer.status_code == status
    assert words in said(answer)
    assert answer.headers["content-security-policy"] == POLICY
    spanish = browse("analyst", **{"Accept-Language": "es"}).get(path)
    assert words not in said(spanish)
    assert "No funcionó" in said(spanish)


def test_programs_are_still_answered_in_json(browse):
    answer = browse(None).get("/v1/shop/model")
    assert answer.json()["error"]["code"] == "no_key"


def test_the_language_is_kept_once_chosen(browse):
    client = browse("analyst", **{"Accept-Language": "pt-BR"})
    assert '<html lang="pt-BR">' in client.get("/app/studies/shop").text
    answer = client.get("/app/language/es", params={"next": "/app/studies/shop?group=high"})
    assert answer.headers["location"] == "/app/studies/shop?group=high"
    assert '<html lang="es">' in client.get("/app/studies/shop").text
    client.get("/app/language/xx")
    assert '<html lang="es">' in client.get("/app/studies/shop").text
    away = client.get("/app/language/en", params={"next": "//evil.example"})
    assert away.headers["location"] == "/app/"


def test_without_a_list_the_page_says_how_to_publish_one(tmp_path):
    deploy(tmp_path, tmp_path / "shop")
    keys = keys_of(tmp_path)
    with serving(tmp_path, tmp_path / "log") as server:
        with httpx.Client(base_url=server.url) as client:
            sign_in(client, keys["analyst"])
            for path in ("/app/studies/shop", "/app/studies/shop/drift"):
                answer = client.get(path)
                assert answer.status_code == 200
                assert "churnlab list publish shop" in said(answer)
            assert client.get("/app/studies/shop/list.csv").status_code == 404
        secret = tmp_path / "session.key"
        assert secret.stat().st_mode & 0o777 == 0o600
        assert len(secret.read_bytes()) == 32


def test_workers_share_sessions(tmp_path):
    deploy(tmp_path, tmp_path / "shop")
    keys = keys_of(tmp_path)
    with serving(tmp_path, tmp_path / "log", workers=2) as server:
        with httpx.Client(base_url=server.url) as client:
            assert sign_in(client, keys["analyst"]).status_code == 303
            cookies = dict(client.cookies)
        # Each on a connection of its own, so that both processes answer some.
        answers = [
            httpx.get(f"{server.url}/app/studies/shop", cookies=cookies).status_code
            for _ in range(20)
        ]
    assert answers == [200] * 20
