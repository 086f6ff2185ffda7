"""Rates: of one process, and of several that share a Redis."""

import shutil
import socket
import subprocess
import time

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from churnlab.serving.limits import BURST, PAUSE_SECONDS, PERIOD, REDIS_SECONDS, OwnLimiter, limiter
from serving.server import free_port


@given(
    rate=st.integers(10, 10_000),
    waits=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=300),
)
def test_no_minute_has_more_than_the_rate_and_its_burst(rate, waits):
    now = [0.0]
    limits = OwnLimiter(rate, clock=lambda: now[0])
    allowed = []
    for wait in waits:
        now[0] += wait
        if limits.wait("key") == 0:
            allowed.append(now[0])
    for start in allowed:
        within = sum(start <= moment < start + PERIOD for moment in allowed)
        assert within <= rate * (1 + BURST) + 1


def test_after_the_wait_that_was_told_a_request_is_allowed():
    now = [0.0]
    limits = OwnLimiter(60, clock=lambda: now[0])
    while not (wait := limits.wait("key")):
        pass
    now[0] += wait + 1e-9
    assert limits.wait("key") == 0
    assert limits.wait("another key") == 0


def start_redis(port, folder):
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server on this machine")
    return subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )


def wait_for(url):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            return redis.Redis.from_url(url).ping()
        except redis.RedisError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer")


@pytest.fixture
def redis_server(tmp_path):
    port = free_port()
    process = start_redis(port, tmp_path)
    yield process, f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait()


def test_processes_that_share_a_redis_share_the_rate(redis_server):
    _, url = redis_server
    both = [limiter(100, url), limiter(100, url)]
    wait_for(url)
    allowed = sum(both[turn % 2].wait("key") == 0 for turn in range(40))
    assert 10 <= allowed <= 13
    assert both[0].wait("another key") == 0


def test_without_an_answer_of_redis_requests_go_on_and_are_counted(redis_server, caplog):
    process, url = redis_server
    limits = limiter(100, url)
    process.kill()
    process.wait()
    allowed = sum(limits.wait("key") == 0 for _ in range(40))
    assert 10 <= allowed <= 13
    assert "counted by each process" in caplog.text


@pytest.fixture
def hanging():
    """The address of a server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(128)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_a_redis_that_hangs_holds_one_request_up_and_not_each(hanging, caplog):
    limits = limiter(100, hanging)
    began = time.monotonic()
    allowed = sum(limits.wait("key") == 0 for _ in range(40))
    assert time.monotonic() - began < 3 * REDIS_SECONDS
    assert 10 <= allowed <= 13
    assert "counted by each process" in caplog.text


def test_a_redis_that_is_back_counts_again_after_the_pause(tmp_path):
    port, now = free_port(), [0.0]
    url = f"redis://127.0.0.1:{port}/0"
    one, other = (limiter(100, url, clock=lambda: now[0]) for _ in range(2))
    assert one.wait("key") == 0
    process = start_redis(port, tmp_path)
    try:
        wait_for(url)
        while other.wait("key") == 0:
            pass
        assert one.wait("key") == 0
        now[0] += PAUSE_SECONDS
        assert one.wait("key") > 0
    finally:
        process.kill()
        process.wait()
