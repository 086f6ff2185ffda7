"""Memory of a process and all that it started, sampled while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from types import TracebackType

Sample = tuple[float, int]
"""(monotonic seconds, bytes)"""


class MemorySampler:
    """Sample the resident memory of a process tree in the background.

    Pages that processes share count once for each, so the sums are upper bounds.

    Args:
        pid: root of the tree.
        interval: seconds between samples; a shorter peak may be missed.
    """

    def __init__(self, pid: int, interval: float = 0.2) -> None:
        self.samples: list[Sample] = []
        self._pid = pid
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> MemorySampler:
        """Start sampling."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop sampling."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.samples.append((time.monotonic(), tree_memory(self._pid)))
            self._stop.wait(self._interval)


def tree_memory(pid: int) -> int:
    """Return the resident bytes of a process and its descendants; 0 where it is gone."""
    import psutil  # type: ignore[import-untyped]

    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def peak(samples: Sequence[Sample], begin: float, end: float) -> int:
    """Return the largest sample between two times, in bytes; 0 where there is none."""
    return max((size for moment, size in samples if begin <= moment <= end), default=0)
