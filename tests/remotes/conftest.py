"""Servers that start with a test and stop with it; the small study to share through them."""

import pytest

from pipeline.shared import finished_once
from remotes.collaborators import new_repository
from remotes.servers import KINDS

BIG = 40_000_000


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The study that the tests of the pipeline run too; not to be changed."""
    return finished_once(tmp_path_factory)


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a server of a kind; it stops when the test ends."""
    started = []

    def start_server(kind):
        if kind.missing:
            pytest.skip(kind.missing)
        server = kind(tmp_path / f"{kind.kind}-server")
        started.append(server)
        server.start()
        return server

    yield start_server
    for server in started:
        server.stop()


@pytest.fixture(params=KINDS)
def server(request, start):
    """Each kind of remote in turn."""
    return start(KINDS[request.param])


@pytest.fixture
def with_a_big_file(server, tmp_path):
    """A repository with one file that takes a while to upload, and the bytes of that file."""
    owner = new_repository(tmp_path / "owner")
    content = b"".join(i.to_bytes(8, "big") for i in range(BIG // 8))
    owner.add("table.bin", content)
    server.configure(owner)
    owner.commit("a table")
    return owner, content
