"""The true probabilities are true: they agree with what happens, and with chains worked by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from churnlab.simulation import lifetimes
from churnlab.simulation.demand import black_friday, daily_demand
from churnlab.simulation.lifetimes import ACTIVE, GONE, SLOW, hazard, live, no_sale_probability
from churnlab.simulation.market import Market
from churnlab.simulation.sellers import draw_sellers

HORIZON = 45


@pytest.fixture(scope="module")
def outcomes(tables):
    """Truth joined with whether a sale was really missing for 45 days."""
    truth = tables["truth"].assign(date=lambda t: pd.to_datetime(t["date"]))
    sales = tables["items"].merge(tables["orders"][["order_id", "order_purchase_timestamp"]])
    pairs = truth.merge(sales[["seller_id", "order_purchase_timestamp"]], how="left")
    since = pairs["order_purchase_timestamp"] - pairs["date"]
    pairs["sold"] = (since >= pd.Timedelta(0)) & (since < pd.Timedelta(days=HORIZON))
    sold = pairs.groupby(["seller_id", "date"])["sold"].any().rename("sold").reset_index()
    return truth.merge(sold).assign(missing=lambda t: ~t["sold"])


def test_sales_are_missing_as_often_as_the_truth_says(outcomes):
    there = outcomes[outcomes["state"] != "gone"]
    bands = pd.cut(there["no_sale_probability"], [0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 1.0])
    for _, rows in there.groupby(bands, observed=True):
        p = rows["no_sale_probability"]
        # Dates of one seller share their fate; 5 standard deviations allow for that.
        deviation = np.sqrt((p * (1 - p)).sum()) + 1e-9
        assert abs(rows["missing"].sum() - p.sum()) < 5 * deviation + 1


def test_whoever_is_gone_never_sells(outcomes):
    gone = outcomes[outcomes["state"] == "gone"]

    assert (gone["no_sale_probability"] == 1).all()
    assert (gone["hazard"] == 0).all()
    assert gone["missing"].all()


def test_dates_are_the_first_of_months_with_a_full_horizon(tables, market):
    dates = pd.to_datetime(tables["truth"]["date"].drop_duplicates())

    assert (dates.dt.day == 1).all()
    assert dates.max() + pd.Timedelta(days=HORIZON) <= pd.Timestamp(market.end)
    assert len(dates) == 12


@pytest.fixture
def one():
    """A market and a seller that joined long ago."""
    market = Market(sellers=1, months=6, seed=1)
    seller = draw_sellers(market, 0, 1, 1.0)
    fixed = {"size": np.zeros(1), "slowness": np.zeros(1), "joined": np.array([-100_000])}
    return market, dataclasses.replace(seller, **fixed)


def test_who_can_neither_leave_nor_slow_down_follows_the_poisson_law(one, monkeypatch):
    market, seller = one
    monkeypatch.setattr(lifetimes, "BASE_HAZARD", 0.0)
    monkeypatch.setattr(lifetimes, "TO_SLOW", 0.0)
    sales = np.linspace(0.5, 1.5, market.days)

    p = no_sale_probability(seller, np.array([ACTIVE]), sales, 20)

    assert p == pytest.approx(np.exp(-seller.rate[0] * sales[20:65].sum()))


def test_who_never_sells_is_certain_and_who_always_sells_stays_only_by_leaving(one):
    market, seller = one
    silent = dataclasses.replace(seller, rate=np.zeros(1))
    busy = dataclasses.replace(seller, rate=np.array([1e9]))
    sales = np.ones(market.days)

    assert no_sale_probability(silent, np.array([ACTIVE]), sales, 0) == pytest.approx(1.0)
    # Only leaving at the very beginning of the first day keeps a busy seller from selling.
    first_day = hazard(busy, np.array([ACTIVE]), 0)
    assert no_sale_probability(busy, np.array([ACTIVE]), sales, 0) == pytest.approx(first_day)


@pytest.mark.parametrize("state", [ACTIVE, SLOW])
def test_the_recursion_agrees_with_lives_thrown_with_dice(one, state):
    market, seller = one
    seller = dataclasses.replace(seller, rate=np.array([0.03]), joined=np.array([-30]))
    sales = daily_demand(market)
    rng = np.random.default_rng(0)
    people = 40_000
    now = np.full(people, state)
    silent = np.ones(people, dtype=bool)
    for day in range(60, 60 + HORIZON):
        leaves = rng.random(people) < hazard(seller, now, day)
        turns = rng.random(people)
        then = np.where((now == ACTIVE) & (turns < lifetimes.TO_SLOW), SLOW, now)
        then = np.where((now == SLOW) & (turns < lifetimes.TO_ACTIVE), ACTIVE, then)
        now = np.where(leaves, GONE, then)
        rate = np.select([now == ACTIVE, now == SLOW], [1.0, lifetimes.SLOW_RATE], 0.0)
        silent &= rng.poisson(0.03 * sales[day] * rate) == 0

    p = float(no_sale_probability(seller, np.array([state]), sales, 60)[0])
    assert abs(silent.mean() - p) < 4 * np.sqrt(p * (1 - p) / people)


def test_small_slow_and_new_sellers_leave_sooner():
    market = Market(sellers=1, months=6, seed=1)
    base = dataclasses.replace(
        draw_sellers(market, 0, 1, 1.0),
        size=np.zeros(1),
        slowness=np.zeros(1),
        joined=np.zeros(1, dtype=int),
    )

    def leaving(**changed):
        return float(hazard(dataclasses.replace(base, **changed), np.array([ACTIVE]), 50)[0])

    assert leaving(size=-np.ones(1)) > leaving() > leaving(size=np.ones(1))
    assert leaving(slowness=np.ones(1)) > leaving()
    assert leaving(joined=np.array([40])) > leaving()


def test_nobody_comes_back(market):
    sellers = draw_sellers(market, 0, 200, 1.0)
    there = live(market, 0, sellers).activity > 0
    left = (there[:, :-1] & ~there[:, 1:]).sum(axis=1)

    assert left.max() == 1


@pytest.mark.parametrize(("year", "day"), [(2016, 25), (2017, 24), (2018, 23), (2019, 29)])
def test_black_friday_follows_the_fourth_thursday_of_november(year, day):
    assert (black_friday(year).month, black_friday(year).day) == (11, day)
