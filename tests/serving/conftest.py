"""One service for the tests that only ask."""

import httpx
import pytest

from serving.server import keys_of, serving
from serving.shop import deploy


@pytest.fixture(scope="package")
def home(tmp_path_factory):
    """A folder with one version of the shop in service."""
    folder = tmp_path_factory.mktemp("home")
    deploy(folder, tmp_path_factory.mktemp("export") / "shop")
    return folder


@pytest.fixture(scope="package")
def keys(home):
    """A key of every role."""
    return keys_of(home)


@pytest.fixture(scope="package")
def server(home, keys, tmp_path_factory):
    """The service on one process."""
    with serving(home, tmp_path_factory.mktemp("log") / "log", most_bytes=100_000) as running:
        yield running


@pytest.fixture
def ask(server, keys):
    """Requests as a role: `ask("scorer").post(path, json=...)`."""
    clients = []

    def as_role(role):
        headers = {"Authorization": f"Bearer {keys[role]}"} if role else {}
        clients.append(httpx.Client(base_url=server.url, headers=headers, timeout=30))
        return clients[-1]

    yield as_role
    for client in clients:
        client.close()
