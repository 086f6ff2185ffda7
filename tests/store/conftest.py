"""Served studies are made once per test run; tests work on copies. Redis is a real server."""

import shutil

import pytest

from store.served import RedisServer, make_served_repository

pytest.importorskip("feast", reason="the extra `store` is not installed")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A repository in which the `store` stage has run for three studies; not to be changed."""
    return make_served_repository(tmp_path_factory.mktemp("store") / "repository")


@pytest.fixture
def root(made, tmp_path):
    """A copy of it that a test may change."""
    return shutil.copytree(made, tmp_path / "repository", symlinks=True)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("there is no `redis-server` on the path")
    server = RedisServer(binary, tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "redis"])
def online(request):
    """The environment's setting of either online store, the Redis one empty."""
    if request.param == "sqlite":
        return {}
    server = request.getfixturevalue("redis_server")
    server.client().flushall()
    return {"CHURNLAB_ONLINE_STORE": server.url}
