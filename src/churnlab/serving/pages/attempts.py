"""Failed sign-ins of an address, which are limited."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 10
SECONDS = 600.0
MOST_ADDRESSES = 10_000


class Attempts:
    """Counts failures of one process: at most ten in ten minutes, from one address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Return 0 where an address may try, otherwise the seconds until it may again."""
        recent = self._recent(address)
        return recent[-MOST] + SECONDS - self._clock() if len(recent) >= MOST else 0.0

    def failed(self, address: str) -> None:
        """Note a failure; where addresses are many, the one quiet for longest is forgotten."""
        self._failures[address] = [*self._recent(address), self._clock()]
        self._failures.move_to_end(address)
        if len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)

    def _recent(self, address: str) -> list[float]:
        since = self._clock() - SECONDS
        return [at for at in self._failures.get(address, ()) if at > since]
