"""How many requests a key has in a minute."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any, Protocol

log = logging.getLogger(__name__)
PERIOD = 60.0
# Redis is asked within the event loop: one that hangs would hold every request up for its timeout.
REDIS_SECONDS = 0.2
PAUSE_SECONDS = 5.0
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
    for an outage. It is then left alone for some seconds, so that one that hangs holds up a request
    now and then, not each.
    """

    def __init__(self, redis: Any, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._script = redis.register_script(SCRIPT)
        self._own = OwnLimiter(rate, clock)
        self._interval = PERIOD / rate
        self._clock = clock
        self._again = -math.inf
        self._told = -math.inf

    def wait(self, key: str) -> float:
        """Return 0, or the seconds until the next request."""
        from redis.exceptions import RedisError

        if self._clock() < self._again:
            return self._own.wait(key)
        life = round(1000 * PERIOD * (1 + BURST)) + 1000
        try:
            arguments = [self._interval, PERIOD * BURST, life]
            return float(self._script(keys=[f"churnlab:rate:{key}"], args=arguments))
        except RedisError as error:
            now = self._clock()
            self._again = now + PAUSE_SECONDS
            if now - self._told > PERIOD:
                log.warning("rates are counted by each process: %s", type(error).__name__)
                self._told = now
            return self._own.wait(key)


def limiter(rate: int, redis_url: str, clock: Callable[[], float] = time.monotonic) -> Limiter:
    """Return the limiter of the settings."""
    if not redis_url:
        return OwnLimiter(rate, clock)
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    connection = redis.Redis.from_url(
        redis_url,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        # By default it is asked again and again, with sleep in between.
        retry=Retry(NoBackoff(), 0),
    )
    return SharedLimiter(connection, rate, clock)
