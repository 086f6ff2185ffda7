"""Loaded by every Python process of a measured run: notes when it started and what it imported.

Appends one JSON line per event to the file that CHURNLAB_BENCH_EVENTS names: `start` (from the
birth of the process to here), `import` (an outermost import that really loaded something) and `end`
(the last thing that the interpreter does before it shuts down). Times are seconds of the monotonic
clock, which all processes of the machine share.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

# Shorter imports are not worth a line; a thousand of them are half a second.
SMALLEST = 0.0005


def _install(events: str) -> None:
    import _frozen_importlib
    import _thread
    import atexit
    import json

    importer: Any = _frozen_importlib
    find_and_load = importer._find_and_load
    depth = _thread._local()

    def note(event: str, begin: float, **more: object) -> None:
        line = {"event": event, "pid": os.getpid(), "begin": begin, "end": time.monotonic(), **more}
        # One write below the size of a page: lines of several processes do not mix.
        file = os.open(events, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, (json.dumps(line) + "\n").encode())
        os.close(file)

    def timed(name: str, import_: object) -> Any:
        if getattr(depth, "inside", False):
            return find_and_load(name, import_)
        depth.inside = True
        begin = time.monotonic()
        try:
            return find_and_load(name, import_)
        finally:
            depth.inside = False
            if time.monotonic() - begin >= SMALLEST:
                note("import", begin)

    note("start", _birth(), command=sys.orig_argv[1:6])
    atexit.register(lambda: note("end", time.monotonic()))
    importer._find_and_load = timed


def _birth() -> float:
    """Return when this process was made (Linux: field 22 of /proc/self/stat)."""
    # pathlib would cost every process more than all else here.
    with open("/proc/self/stat", encoding="utf-8") as file:  # noqa: PTH123
        ticks = int(file.read().rpartition(")")[2].split()[19])
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.monotonic() - max(age, 0.0)


if _events := os.environ.get("CHURNLAB_BENCH_EVENTS"):
    _install(_events)
