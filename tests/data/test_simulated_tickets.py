"""Simulated tickets: like the sales that they follow, and the same every time."""

import pandas as pd

from churnlab.data.simulated_tickets import simulated_tickets
from features.events.tables import small_tables


def test_tickets_follow_sales_and_become_known_after_they_are_opened():
    items = pd.concat([small_tables(seed)["items"] for seed in range(20)])
    tickets = simulated_tickets(items, seed=3)
    assert 0.03 < len(tickets) / len(items) < 0.07
    assert set(tickets["seller_id"]) <= set(items["seller_id"])
    assert (tickets["known"] >= tickets["opened"]).all()
    closed = tickets.dropna(subset=["closed"])
    assert (closed["closed"] >= closed["opened"]).all()
    assert tickets["opened"].is_monotonic_increasing
    assert tickets["ticket_id"].is_unique


def test_the_same_seed_gives_the_same_tickets_whatever_the_order_of_sales():
    items = small_tables()["items"].drop_duplicates(["event_time", "seller_id"])
    shuffled = items.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(simulated_tickets(items, 5), simulated_tickets(shuffled, 5))
    assert not simulated_tickets(items, 5).equals(simulated_tickets(items, 6))
