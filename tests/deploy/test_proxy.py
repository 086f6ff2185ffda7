"""TLS by nginx before the service: the repository's site, on a port and certificate of tests."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import httpx
import pytest

from churnlab.deployments import Deployments
from deploy.native import listening, wait_for
from serving.pages.conftest import sign_in, token
from serving.server import free_port, serving
from serving.shop import ROWS
from stages.studies import REPOSITORY

pytestmark = pytest.mark.slow

SITE = REPOSITORY / "deploy/nginx.conf"


def site(port, backend, folder):
    text = SITE.read_text()
    for before, after in {
        "    listen [::]:443 ssl http2;\n": "",
        "listen 443": f"listen 127.0.0.1:{port}",
        "127.0.0.1:8080": f"127.0.0.1:{backend}",
        "/etc/churnlab/tls/": f"{folder}/",
        "client_max_body_size 16m": "client_max_body_size 1m",
    }.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


@contextmanager
def nginx(folder, backend):
    """Start nginx before the service, and yield its address."""
    places = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
    binary = shutil.which("nginx", path=places)
    if binary is None:
        pytest.skip("there is no `nginx`; Debian's package nginx-light has it")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    port = free_port()
    bodies = " ".join(
        f"{kind}_temp_path {folder};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; error_log {folder}/errors; daemon off; events {{}}\n"
        f"http {{ access_log {folder}/access; {bodies}\n{site(port, backend, folder)} }}\n"
    )
    arguments = [binary, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    # As root its workers are of a user who may not look into folders of tests.
    if os.geteuid() == 0:
        arguments += ["-g", "user root;"]
    running = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: listening(port), "nginx listens")
        yield f"https://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture
def proxied(shop, tmp_path):
    """The service, a client that goes through nginx, and the folder of its log."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    home, _ = shop
    with (
        serving(home, home / "log") as server,
        nginx(folder, server.port) as url,
        httpx.Client(base_url=url, verify=str(folder / "fullchain.pem")) as client,
    ):
        yield server, client, folder


def test_nginx_speaks_tls_for_the_service_and_keeps_operators_business_inside(shop, proxied):
    (_, keys), (server, client, _) = shop, proxied
    headers = {"X-API-Key": keys["scorer"]}
    answer = client.post("/v1/shop/predict", json={"rows": ROWS}, headers=headers)
    assert answer.status_code == 200, answer.text
    # The service knows that the caller came over HTTPS.
    assert "max-age" in answer.headers["strict-transport-security"]
    operator = {"X-API-Key": keys["operator"]}
    assert client.get("/metrics", headers=operator).status_code == 404
    why = {"why": "tried from the outside"}
    for change in ("promote", "rollback", "pin", "unpin"):
        path = f"/v1/shop/{change}"
        assert client.post(path, json=why, headers=operator).status_code == 404
    assert httpx.get(f"{server.url}/metrics", headers=operator).status_code == 200
    large = client.post("/v1/shop/predict", content=b" " * 2**21, headers=headers)
    assert large.status_code == 413


def test_nginx_keeps_the_changes_of_the_page_inside_and_names_of_customers_out_of_its_log(
    shop, proxied
):
    (home, keys), (_, client, folder) = shop, proxied
    assert sign_in(client, keys["operator"]).status_code == 303
    model = client.get("/app/studies/shop/model")
    assert model.status_code == 200
    sent = {"form_token": token(model), "why": "tried from the outside"}
    for change in ("roll-back", "pin", "unpin", "p%69n"):
        path = f"/app/studies/shop/model/{change}"
        assert client.post(path, data=sent).status_code == 404
    assert not Deployments(home / "deployments").current("shop").pinned
    client.get("/app/studies/shop/customer", params={"id": "private"})
    headers = {"X-API-Key": keys["scorer"]}
    lookup = client.get("/v1/shop/customers/private", headers=headers)
    assert lookup.json()["error"]["code"] == "no_store"
    client.get("/v1/shop/model", headers=headers)
    wait_for(lambda: "/v1/shop/model" in (folder / "access").read_text(), "nginx logs")
    logged = (folder / "access").read_text()
    assert "private" not in logged and "/app/" not in logged
