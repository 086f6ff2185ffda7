"""Who gets in, for how long, and that no other site's form does anything."""

import subprocess

import httpx
import pytest

from churnlab.serving.keys import Keys
from churnlab.serving.pages.attempts import MOST
from serving.pages.conftest import said, sign_in, token
from serving.server import serving

LIST = "/app/studies/shop"


def test_the_root_leads_to_the_page_and_that_to_the_sign_in(browse):
    client = browse(None)
    assert client.get("/").headers["location"] == "/app/"
    answer = client.get(LIST, params={"group": "high"})
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/app/sign-in?next=%2Fapp%2Fstudies%2Fshop%3Fgroup%3Dhigh"
    )


@pytest.mark.parametrize("role", ["analyst", "operator", "privacy_officer"])
def test_whose_role_has_a_page_sees_who_is_signed_in(browse, role):
    answer = browse(role).get(LIST)
    assert answer.status_code == 200
    assert f"test {role}" in said(answer)


def test_a_key_of_programs_is_told_that_it_has_no_page(browse, keys):
    client = browse(None)
    answer = sign_in(client, keys["scorer"])
    assert answer.status_code == 403
    assert "This is the key of a scorer" in said(answer)
    assert client.get(LIST).status_code == 303


def test_whoever_removes_the_secret_signs_everybody_out(browse, home):
    client = browse("analyst")
    assert client.get(LIST).status_code == 200
    (home / "session.key").unlink()
    assert client.get(LIST).status_code == 303
    assert browse("analyst").get(LIST).status_code == 200


@pytest.mark.parametrize("key", ["", "x", "clk_00000000_" + "a" * 43])
def test_a_wrong_key_begins_no_session(browse, key):
    client = browse(None)
    answer = sign_in(client, key)
    assert answer.status_code == 401
    assert "This is no valid key" in said(answer)
    assert "clk_0000" not in answer.text
    assert client.get(LIST).status_code == 303


def test_a_sign_in_goes_on_to_the_page_that_was_asked_for_and_never_to_another_site(browse, keys):
    client = browse(None)
    for asked, onward in (
        (f"{LIST}?group=high", f"{LIST}?group=high"),
        ("https://evil.example/", "/app/"),
        ("//evil.example/app/", "/app/"),
        ("/app/\\evil.example", "/app/"),
        ("/v1/shop/history", "/app/"),
    ):
        form = client.get("/app/sign-in", params={"next": asked})
        sent = {"key": keys["analyst"], "form_token": token(form), "next": asked}
        assert client.post("/app/sign-in", data=sent).headers["location"] == onward


def test_the_cookie_is_for_this_site_and_no_script(browse, keys):
    sent = sign_in(browse(None), keys["analyst"]).headers["set-cookie"]
    name, *attributes = sent.split("; ")
    assert name.startswith("churnlab_session=")
    assert {one.lower() for one in attributes} == {
        "httponly", "max-age=28800", "path=/", "samesite=strict"
    }  # fmt: skip
    assert keys["analyst"].split("_", 2)[2] not in sent


def test_a_cookie_that_was_altered_or_made_up_is_no_session(browse):
    client = browse("analyst")
    good = client.cookies["churnlab_session"]
    key, expires, nonce, signature = good.split(".")
    turned = ("0" if signature[0] != "0" else "1") + signature[1:]
    form = client.cookies["churnlab_form"]
    for bad in (
        f"{key}.{int(expires) + 1}.{nonce}.{signature}",
        f"00000000.{expires}.{nonce}.{signature}",
        f"{key}.{expires}.{nonce}.{turned}",
        f"{key}.{expires}.{nonce}.",
        form,
        "é",
    ):
        with httpx.Client(base_url=str(client.base_url)) as other:
            header = {"Cookie": f"churnlab_session={bad}".encode()}
            assert other.get(LIST, headers=header).status_code == 303, bad
    assert client.get(LIST).status_code == 200


def test_a_revoked_key_ends_its_sessions_at_once(browse, home):
    keys = Keys(home / "keys.db")
    key, text = keys.create("leaver", "analyst")
    client = browse(None)
    assert sign_in(client, text).status_code == 303
    assert client.get(LIST).status_code == 200
    keys.revoke(key.id)
    assert client.get(LIST).headers["location"].startswith("/app/sign-in")


def test_signing_out_forgets_the_cookie(browse):
    client = browse("analyst")
    answer = client.post("/app/sign-out", data={"form_token": token(client.get(LIST))})
    assert answer.status_code == 303
    assert "churnlab_session" not in client.cookies
    assert client.get(LIST).status_code == 303


@pytest.mark.parametrize("sent", ["", "0" * 64, "of another session"])
def test_a_form_without_the_token_of_its_session_does_nothing(browse, sent):
    client = browse("analyst")
    if sent == "of another session":
        sent = token(browse("analyst").get(LIST))
    answer = client.post("/app/sign-out", data={"form_token": sent} if sent else {})
    assert answer.status_code == 403
    assert "The form was not made for this session" in said(answer)
    assert client.get(LIST).status_code == 200


def test_a_sign_in_without_the_token_of_its_page_begins_no_session(browse, keys):
    client = browse(None)
    for sent in ({}, {"form_token": "0" * 64}):
        assert client.post("/app/sign-in", data={"key": keys["analyst"], **sent}).status_code == 403
    assert "churnlab_session" not in client.cookies


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_a_form_of_another_site_does_nothing_even_with_a_good_token(browse, headers, status):
    client = browse("analyst")
    sent = {"form_token": token(client.get(LIST))}
    assert client.post("/app/sign-out", data=sent, headers=headers).status_code == status


def test_the_origin_of_this_site_is_accepted(browse, server):
    client = browse("analyst")
    sent = {"form_token": token(client.get(LIST))}
    headers = {"Origin": server.url}
    assert client.post("/app/sign-out", data=sent, headers=headers).status_code == 303


def test_a_form_that_is_too_large_is_refused(browse):
    assert browse("analyst").post("/app/sign-out", content=b"a" * 70_000).status_code == 413


def test_failed_sign_ins_of_an_address_are_limited(home, keys, tmp_path):
    with serving(home, tmp_path / "log") as server, httpx.Client(base_url=server.url) as client:
        failed = [sign_in(client, "wrong").status_code for _ in range(MOST + 1)]
        assert failed == [401] * MOST + [429]
        refused = sign_in(client, keys["analyst"])
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 600
        assert "a sign-in from 127.0.0.1 failed" in server.said()
        assert keys["analyst"] not in server.said()


def test_over_https_the_cookies_are_of_this_host_and_never_sent_in_the_clear(home, keys, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    settings = {"tls_certificate": certificate, "tls_key": key, "scheme": "https"}
    verified = {"verify": str(certificate)}
    with (
        serving(home, tmp_path / "log", options=verified, **settings) as server,
        httpx.Client(base_url=server.url, timeout=30, **verified) as client,
    ):
        sent = sign_in(client, keys["analyst"]).headers["set-cookie"]
        assert sent.startswith("__Host-churnlab_session=")
        assert "secure" in sent.lower()
        assert client.get(LIST).status_code == 200
        spoken = client.get("/app/language/es").headers["set-cookie"]
        assert spoken.startswith("__Host-churnlab_language=es")
        assert '<html lang="es">' in client.get(LIST).text
