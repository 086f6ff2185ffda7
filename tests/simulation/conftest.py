"""One simulated marketplace, read by many tests."""

import pandas as pd
import pytest

from churnlab.simulation.market import Market
from churnlab.simulation.marketplace import simulate
from churnlab.simulation.writing import FILES


@pytest.fixture(scope="session")
def market():
    return Market(sellers=400, months=14, seed=3)


@pytest.fixture(scope="session")
def folder(market, tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    simulate(market, folder)
    return folder


@pytest.fixture(scope="session")
def tables(folder, olist):
    """The tables as pandas reads them."""
    found = {"truth": pd.read_parquet(folder / "truth.parquet")}
    for name, table in olist.tables.items():
        texts = dict.fromkeys(table.of_type("text"), str)
        file = folder / f"{FILES[name]}.csv"
        found[name] = pd.read_csv(file, dtype=texts, parse_dates=table.of_type("time"))
    times = ["opened", "recorded", "closed"]
    found["tickets"] = pd.read_csv(folder / "support_tickets.csv", parse_dates=times)
    return found
