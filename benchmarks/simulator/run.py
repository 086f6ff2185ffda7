"""How near simulated tables are to the published ones, and what simulating costs.

Both go through the same typing, without orders and reviews, so that items have the same clock.
With `--items`, so many items are simulated and typed as well, each step in a process of its own.

Writes docs/benchmarks/simulator.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.simulator.marginals import marginals  # noqa: E402
from churnlab.config import load_event_catalog  # noqa: E402
from churnlab.data.sources import default_mirror  # noqa: E402
from churnlab.events.normalising import normalise  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402
from churnlab.simulation.market import Market  # noqa: E402
from churnlab.simulation.marketplace import simulate  # noqa: E402

OUTPUT = ROOT / "docs" / "benchmarks" / "simulator.md"
# As many orders as published, in the 20 months that hold nearly all of them.
SIZE = Market(sellers=4_000, months=20, seed=1, orders=98_666)


class Cost(NamedTuple):
    """What a step of `items` took; processor time, since the machine may be shared."""

    step: str
    items: int
    seconds: float
    processor: float
    peak_mb: float


def main() -> None:
    """Compare, measure, print the page and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, nargs="*", default=[])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".tmp-") as temporary:
        folder = Path(temporary)
        published, simulated = compared(folder)
        costs = [cost for items in arguments.items for cost in measured(items, folder)]
    text = "\n".join(page(published, simulated, costs, " ".join(map(str, arguments.items)))) + "\n"
    print(text)
    write_text(OUTPUT, text)


def compared(folder: Path) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """Return the figures of the published tables and of simulated ones of the same size."""
    catalog = load_event_catalog("olist", ROOT)
    normalise(catalog, default_mirror(ROOT, os.environ) / "olist", folder / "published")
    simulate(SIZE, folder / "raw")
    for name in ("orders", "reviews"):
        (folder / "raw" / catalog.tables[name].file).unlink()
    normalise(catalog, folder / "raw", folder / "simulated")
    return marginals(folder / "published"), marginals(folder / "simulated")


def measured(items: int, folder: Path) -> Iterator[Cost]:
    """Yield what simulating and typing so many items costs."""
    raw, into = folder / f"raw-{items}", folder / "typed" / str(items)
    for step in ("simulate", "events"):
        worker = [sys.executable, str(Path(__file__).with_name("work.py")), step, str(items)]
        start = time.perf_counter()
        process = subprocess.Popen([*worker, str(raw), str(into)], stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{step} of {items:,} items failed")
        processor = usage.ru_utime + usage.ru_stime
        yield Cost(step, items, time.perf_counter() - start, processor, usage.ru_maxrss / 1024)


def page(
    published: dict[tuple[str, str], float],
    simulated: dict[tuple[str, str], float],
    costs: list[Cost],
    sizes: str,
) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Simulated marketplace beside the published one"
    yield ""
    yield f"```\npython benchmarks/simulator/run.py{' --items ' + sizes if sizes else ''}\n```"
    yield ""
    yield (
        f"{SIZE.sellers:,} sellers (of whom some never sell), {SIZE.orders:,} orders, "
        f"{SIZE.months} months, seed {SIZE.seed}, beside the published tables; without orders and "
        "reviews, so that an item of either has the time of its shipping limit."
    )
    yield ""
    yield "| what | which | published | simulated | ratio |"
    yield "|---|---|--:|--:|--:|"
    for key, value in published.items():
        ratio = simulated[key] / value if value else float("nan")
        yield f"| {key[0]} | {key[1]} | {value:.4g} | {simulated[key]:.4g} | {ratio:.2f} |"
    if costs:
        yield from _costs(costs)


def _costs(costs: list[Cost]) -> Iterator[str]:
    yield ""
    yield "## What it costs"
    yield ""
    yield (
        "One process; Parquet; `events` types all nine tables and applies every rule with a memory "
        "limit of 2 GiB. Processor time, since the machine was shared while measuring."
    )
    yield ""
    yield "| step | items | processor s | items per processor s | peak memory MB |"
    yield "|---|--:|--:|--:|--:|"
    for cost in costs:
        yield (
            f"| {cost.step} | {cost.items:,} | {cost.processor:.1f} | "
            f"{cost.items / cost.processor:,.0f} | {cost.peak_mb:,.0f} |"
        )


if __name__ == "__main__":
    main()
