"""How many requests a key has in a minute."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

log = logging.getLogger(__name__)
PERIOD = 60.0
# Of a minute's requests this share may come at once.
BURST = 0.1
SCRIPT = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = due - tonumber(ARGV[2]) - now
if wait > 0 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', due + tonumber(ARGV[1])), 'PX', ARGV[3])
return '0'
"""


class Limiter(Protocol):
    """Counts requests."""

    def wait(self, key: str) -> float:
        """Return 0 where a request may go on, otherwise the seconds until the next one may."""


class OwnLimiter:
    """Counts the requests of one process (generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = PERIOD / rate
        self._room = PERIOD * BURST
        self._clock = clock
        self._due: dict[str, float] = {}

    def wait(self, key: str) -> float:
        """Return 0, or the seconds until the next request."""
        now = self._clock()
        due = max(self._due.get(key, 0.0), now)
        if (wait := due - self._room - now) > 0:
            return wait
        self._due[key] = due + self._interval
        return 0.0


class SharedLimiter:
    """Counts the requests of all processes and machines that share a Redis.

    Without an answer of Redis requests go on, counted by this process alone: a limit is no reason
    for an outage.
    """

    def __init__(self, redis: Any, rate: int) -> None:
        self._script = redis.register_script(SCRIPT)
        self._own = OwnLimiter(rate)
        self._interval = PERIOD / rate
        self._told = 0.0

    def wait(self, key: str) -> float:
        """Return 0, or the seconds until the next request."""
        from redis.exceptions import RedisError

        life = round(1000 * PERIOD * (1 + BURST)) + 1000
        try:
            arguments = [self._interval, PERIOD * BURST, life]
            return float(self._script(keys=[f"churnlab:rate:{key}"], args=arguments))
        except RedisError as error:
            if time.monotonic() - self._told > PERIOD:
                log.warning("rates are counted by each process: %s", type(error).__name__)
                self._told = time.monotonic()
            return self._own.wait(key)


def limiter(rate: int, redis_url: str) -> Limiter:
    """Return the limiter of the settings."""
    if not redis_url:
        return OwnLimiter(rate)
    import redis

    connection = redis.Redis.from_url(redis_url, socket_timeout=0.2, socket_connect_timeout=0.2)
    return SharedLimiter(connection, rate)
