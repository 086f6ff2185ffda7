"""Rates: of one process, and of several that share a Redis."""

import shutil
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.serving.limits import BURST, PERIOD, OwnLimiter, limiter
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


@pytest.fixture
def redis_server(tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server on this machine")
    port = free_port()
    process = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    yield process, f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait()


def test_processes_that_share_a_redis_share_the_rate(redis_server):
    _, url = redis_server
    both = [limiter(100, url), limiter(100, url)]
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            both[0]._script.registered_client.ping()
            break
        except Exception:
            time.sleep(0.05)
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
