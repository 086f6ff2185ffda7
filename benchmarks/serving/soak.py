"""Load the service for a long time, swap its version every minute and kill a worker every two.

A caller whose connection breaks because its worker was killed asks again, as HTTP clients do for
requests that change nothing; an answer that is not a 200, or one that never comes, is lost.

    python benchmarks/serving/soak.py --minutes 20

Writes docs/benchmarks/soak.md.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.serving import services  # noqa: E402
from benchmarks.serving.forest import deploy, fit  # noqa: E402
from churnlab.deployments import Deployments  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402
from churnlab.serving.keys import Keys  # noqa: E402

log = logging.getLogger("benchmarks.soak")
OUTPUT = ROOT / "docs" / "benchmarks" / "soak.md"
CALLERS = 8
PAUSE = 0.02
ATTEMPTS = 3


@dataclass
class Seen:
    """What callers saw; each has its own, and they are added up in the end."""

    answers: int = 0
    lost: Counter = field(default_factory=Counter)
    repeated: int = 0
    versions: Counter = field(default_factory=Counter)


def call(service: services.Running, bodies: list[bytes], done: threading.Event, seen: Seen) -> None:
    """Ask until `done`, one body after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    turn = 0
    while not done.wait(PAUSE):
        body = bodies[turn % len(bodies)]
        turn += 1
        for attempt in range(ATTEMPTS):
            try:
                connection.request("POST", service.path, body, service.headers)
                answer = connection.getresponse()
                told = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError) as error:
                connection.close()
                seen.repeated += 1
                if attempt == ATTEMPTS - 1:
                    seen.lost[type(error).__name__] += 1
                continue
            if answer.status == 200:
                seen.answers += 1
                seen.versions[told["model_version"]] += 1
            else:
                seen.lost[str(answer.status)] += 1
            break


def main() -> None:
    """Soak and write the page."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--swap", type=float, default=60, help="seconds between versions")
    parser.add_argument("--kill", type=float, default=120, help="seconds between killed workers")
    arguments = parser.parse_args()
    forest = fit(ROOT)
    bodies = [json.dumps({"rows": forest.values(n)}).encode() for n in (1,) * 9 + (100,)]
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        versions = deploy(forest, home, Path(place) / "export", copies=2)
        _, key = Keys(home / "keys.db").create("soak", "scorer")
        with services.churnlab(home, key, 2) as service:
            done, callers = threading.Event(), [Seen() for _ in range(CALLERS)]
            threads = [
                threading.Thread(target=call, args=(service, bodies, done, seen))
                for seen in callers
            ]
            for thread in threads:
                thread.start()
            found = disturb(service, Deployments(home / "deployments"), versions, arguments)
            done.set()
            for thread in threads:
                thread.join()
    write_text(OUTPUT, page(found, callers, arguments))


def disturb(
    service: services.Running,
    deployments: Deployments,
    versions: list[str],
    arguments: argparse.Namespace,
) -> dict[str, list[float]]:
    """Swap and kill for as long as asked; returns the memory of the service, and what was done."""
    began = time.monotonic()
    swaps, kills, memory = 0, 0, []
    while (passed := time.monotonic() - began) < 60 * arguments.minutes:
        if passed >= (swaps + 1) * arguments.swap:
            swaps += 1
            version = versions[swaps % len(versions)]
            deployments.promote("telecom", version, "soak", "a swap of the soak test")
        if passed >= (kills + 1) * arguments.kill:
            kills += 1
            os.kill(workers(service)[0].pid, signal.SIGKILL)
            log.info("%.0f s: %d swaps, %d kills", passed, swaps, kills)
        memory.append(sum(worker.memory_info().rss for worker in workers(service)))
        time.sleep(1)
    return {"memory": memory, "done": [swaps, kills]}


def workers(service: services.Running) -> list[psutil.Process]:
    """Return the processes that answer, the oldest first."""
    found = []
    for child in psutil.Process(service.process.pid).children():
        try:
            if "spawn_main" in " ".join(child.cmdline()):
                found.append((child.create_time(), child.pid, child))
        except psutil.NoSuchProcess:
            continue
    return [child for *_, child in sorted(found, key=lambda entry: entry[:2])]


def page(found: dict[str, list[float]], callers: list[Seen], arguments: argparse.Namespace) -> str:
    """Return the results as Markdown."""
    lost = sum((seen.lost for seen in callers), Counter())
    by_version = sum((seen.versions for seen in callers), Counter())
    swaps, kills = found["done"]
    mib = [bytes_ / 2**20 for bytes_ in found["memory"]]
    fifth = max(len(mib) // 5, 1)
    parts = [max(mib[start : start + fifth]) for start in range(0, fifth * 5, fifth)]
    return "\n".join(
        [
            "# The service under load for a long time",
            "",
            f"`python benchmarks/serving/soak.py --minutes {arguments.minutes:g}` wrote this page. "
            f"Two processes, {CALLERS} callers, one row nine times of ten and 100 rows otherwise; "
            f"another version every {arguments.swap:g} s, a worker killed (SIGKILL) every "
            f"{arguments.kill:g} s. A caller whose connection breaks asks again.",
            "",
            "| what | count |",
            "|---|--:|",
            f"| answers | {sum(seen.answers for seen in callers):,} |",
            f"| lost: no answer, or another than 200 | {sum(lost.values())} {dict(lost) or ''} |",
            f"| asked again | {sum(seen.repeated for seen in callers)} |",
            f"| swaps | {swaps} |",
            f"| killed workers | {kills} |",
            f"| versions that answered | {len(by_version)} |",
            "",
            "Largest memory of both workers in each fifth of the time: "
            + ", ".join(f"{part:.0f}" for part in parts)
            + " MiB.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
