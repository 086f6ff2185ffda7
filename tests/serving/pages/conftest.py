"""A service with lists, and browsers without a screen: cookies, forms and what a page says."""

import re
from html import unescape

import httpx
import pytest

from serving.server import keys_of, serving
from serving.shop import deploy, publish

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@pytest.fixture(scope="package")
def home(tmp_path_factory):
    """A folder with two versions of the shop, the second in service, and three lists of it."""
    folder, exported = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("export")
    deploy(folder, exported / "first", weight=0.25)
    publish(folder, deploy(folder, exported / "second"))
    return folder


@pytest.fixture(scope="package")
def keys(home):
    """A key of every role."""
    return keys_of(home)


@pytest.fixture(scope="package")
def server(home, keys, tmp_path_factory):
    """The service on one process."""
    with serving(home, tmp_path_factory.mktemp("log") / "log") as running:
        yield running


def token(answer) -> str:
    """Return the token of the forms of a page."""
    return TOKEN.search(answer.text)[1]


def sign_in(client, key) -> httpx.Response:
    """Send the form of the sign-in page with a key."""
    sent = {"key": key, "form_token": token(client.get("/app/sign-in"))}
    return client.post("/app/sign-in", data=sent)


def said(answer) -> str:
    """Return the words of a page, without its marks."""
    text = re.sub(r"<(svg|script|style)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
def browse(server, keys):
    """Browsers of a role that are signed in: `browse("analyst").get(path)`."""
    clients = []

    def as_role(role, **headers):
        client = httpx.Client(base_url=server.url, timeout=30, headers=headers)
        clients.append(client)
        if role:
            assert sign_in(client, keys[role]).status_code == 303
        return client

    yield as_role
    for client in clients:
        client.close()
