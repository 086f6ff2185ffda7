"""One measured step in a process of its own: `work.py events RAW INTO`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from churnlab.config import load_event_catalog  # noqa: E402
from churnlab.events.normalising import normalise  # noqa: E402
from churnlab.simulation.catalog import simulated_catalog  # noqa: E402
from churnlab.simulation.market import Market  # noqa: E402
from churnlab.simulation.marketplace import simulate  # noqa: E402

ITEMS_PER_ORDER = 1.147
ITEMS_PER_SELLER = 30


def market_of(items: int) -> Market:
    """Return a market in which about so many items are sold."""
    sellers = max(10, items // ITEMS_PER_SELLER)
    return Market(sellers, 20, seed=1, orders=round(items / ITEMS_PER_ORDER))


def main() -> None:
    """Simulate `items` into a folder as Parquet, or type the tables of a folder."""
    step, items, raw, into = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])
    market = market_of(items)
    if step == "simulate":
        simulate(market, raw, "parquet")
        return
    catalog = simulated_catalog(load_event_catalog("olist", ROOT), "sim", market, raw, "parquet")
    normalise(catalog, raw, into)


if __name__ == "__main__":
    main()
