"""What happens or becomes known at a reference date or later changes nothing.

Many copies of the same small marketplace stand side by side; in one world all are as they were, in
the other each copy's future is altered in its own way.
"""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from churnlab.event_features.registry import FAMILIES
from event_features.tables import compute, family, in_engine, small_tables

DAY = date(2017, 3, 15)
MIDNIGHT = pd.Timestamp(DAY)
WINDOWS = (7, 30)
COPIES = 6
TIMED = ("items", "payments", "orders", "reviews")
AMOUNTS = {"items": ["price", "freight"], "payments": ["value"], "reviews": [], "orders": []}
IDENTIFIED = ("order_id", "customer_id", "person_id", "seller_id", "review_id")


def copies(frames, count, change):
    """Return `count` copies of a marketplace side by side, copy n made by `change(frames, n)`."""
    worlds = [_named(change(frames, number), number) for number in range(count)]
    shared = {"products": frames["products"]}
    return {name: pd.concat([w[name] for w in worlds]) for name in frames} | shared


def _named(frames, number):
    """Return the frames with the number of the copy before every identifier."""
    return {
        name: frame.assign(
            **{c: f"{number}-" + frame[c].astype(str) for c in IDENTIFIED if c in frame}
        )
        for name, frame in frames.items()
    }


def is_future(rows):
    """Return where a row has not both happened and become known before the reference date."""
    return (rows["event_time"] >= MIDNIGHT) | (rows["known_time"] >= MIDNIGHT)


def altered(frames, draw):
    """Return the frames with another future: rows deleted, repeated, changed, shuffled."""
    return {
        name: _altered_rows(frame, name, draw) if name in TIMED else frame
        for name, frame in frames.items()
    }


def _altered_rows(frame, name, draw):
    future = frame[is_future(frame)]
    kept = future[draw.random(len(future)) < 0.7]
    more = kept[draw.random(len(kept)) < 0.4].copy()
    if name in {"orders", "reviews"}:
        key = "order_id" if name == "orders" else "review_id"
        more[key] = more[key] + "+"
    changed = pd.concat([_changed_rows(kept, name, draw), _changed_rows(more, name, draw)])
    rows = pd.concat([_unknown_steps(frame[~is_future(frame)], name, draw), changed])
    return rows.sample(frac=1.0, random_state=int(draw.integers(2**31)))


def _changed_rows(rows, name, draw):
    """Give future rows other values, and other times that still lie in the future."""
    rows = rows.copy()
    for column in AMOUNTS[name]:
        rows[column] = draw.integers(1, 99999, len(rows)) / 100
    for column, values in {"score": [1, 5], "type": ["boleto"], "status": ["canceled"]}.items():
        if column in rows:
            rows[column] = draw.choice(values, len(rows))
    days = pd.Series(pd.to_timedelta(draw.integers(0, 40, len(rows)), unit="D"), index=rows.index)
    late = rows["event_time"] >= MIDNIGHT
    # Either it happens later still, or it happened at any time and only becomes known later.
    rows["event_time"] = (rows["event_time"] + days).where(late, rows["event_time"] - days)
    rows["known_time"] = (rows["known_time"] + days).where(
        rows["known_time"] >= MIDNIGHT, rows["known_time"]
    )
    return rows


def _unknown_steps(rows, name, draw):
    """Give a known order other steps where these come later: they cannot be known yet."""
    if name != "orders":
        return rows
    rows = rows.copy()
    for step in ("delivered", "handed_over"):
        future = (rows[step] >= MIDNIGHT).to_numpy()
        moved = rows[step] + pd.to_timedelta(draw.integers(0, 30, len(rows)), unit="D")
        gone = future & (draw.random(len(rows)) < 0.3)
        rows[step] = rows[step].mask(future, moved).mask(gone, pd.NaT)
    undecided = (rows["estimated"] >= MIDNIGHT).to_numpy()
    rows["status"] = rows["status"].mask(undecided, draw.choice(["shipped", "canceled"]))
    return rows


def computed(duckdb, frames, name):
    """Return the features of a family at the date."""
    tables = in_engine(duckdb, frames)
    return compute(tables, (DAY,), WINDOWS, family(name))


@pytest.mark.parametrize("name", sorted({one.name for one in FAMILIES}))
# An example takes seconds, so a failing one is not made smaller.
@settings(max_examples=3, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(seed=st.integers(0, 10**6))
def test_no_family_sees_what_is_not_known_yet(name, seed):
    duckdb = ibis.duckdb.connect(threads=1)
    frames = small_tables(seed % 50)
    draw = np.random.default_rng(seed)
    before = computed(duckdb, copies(frames, COPIES, lambda f, _: f), name)
    after = computed(duckdb, copies(frames, COPIES, lambda f, _: altered(f, draw)), name)
    assert before["seller_id"].nunique() >= COPIES
    pd.testing.assert_frame_equal(before, after, check_exact=True)


@pytest.mark.parametrize("table", TIMED)
def test_every_table_has_rows_of_both_kinds_on_each_side(frames, table):
    rows = frames[table]
    happened = rows["event_time"] < MIDNIGHT
    assert is_future(rows).any()
    assert (~is_future(rows)).any()
    assert (happened & is_future(rows)).any()


def test_the_day_before_the_date_counts_and_the_date_itself_does_not(duckdb, frames):
    items = frames["items"].head(4).assign(seller_id="s0", order_id=list("abcd"))
    moments = ["2017-03-14 23:59:59.999999", "2017-03-15", "2017-03-14", "2017-03-01"]
    known = ["2017-03-14 23:59:59.999999", "2017-03-15", "2017-03-15", "2017-03-14 12:00"]
    items = items.assign(
        event_time=pd.to_datetime(moments, format="mixed"),
        known_time=pd.to_datetime(known, format="mixed"),
    )
    found = computed(duckdb, {**frames, "items": items}, "sales").iloc[0]
    assert found["sales_orders_life"] == 2
    assert found["sales_orders_7d"] == 1
    assert found["sales_recency"] == 1
    assert found["sales_age"] == 14


def test_a_sale_exactly_as_many_days_ago_as_the_window_is_long_lies_inside(duckdb, frames):
    items = frames["items"].head(2).assign(seller_id="s0", order_id=list("ab"))
    moments = pd.to_datetime(["2017-03-08 00:00:00", "2017-03-07 23:59:59"])
    items = items.assign(event_time=moments, known_time=moments)
    found = computed(duckdb, {**frames, "items": items}, "sales").iloc[0]
    assert found["sales_orders_7d"] == 1
    assert found["sales_orders_30d"] == 2
