"""Small event tables of all kinds, with what makes them hard: late knowledge, gaps, repeats."""

import tempfile
from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churnlab.event_features.assembling import assemble
from churnlab.event_features.registry import FAMILIES, computable
from churnlab.event_features.store import dated
from churnlab.event_features.tables import Activity, Events

START = pd.Timestamp("2017-01-01")
DAYS = 120
DATES = (date(2017, 2, 1), date(2017, 3, 15), date(2017, 4, 1))
WINDOWS = (7, 30)
STATES = ("SP", "RJ", "BA")
_FOLDER = tempfile.TemporaryDirectory(prefix="churnlab-tests-")


def small_tables(seed=0, orders=60, sellers=4):
    """Return all seven tables as pandas frames; some rows become known days after they happen."""
    draw = np.random.default_rng(seed)
    placed = _orders(draw, orders)
    items = _items(draw, placed, sellers)
    payments = _payments(draw, placed)
    gaps = np.random.default_rng(seed + 1)
    placed = _with_gaps(gaps, placed, "estimated")
    customers = pd.DataFrame(
        {
            "customer_id": placed["customer_id"],
            "person_id": [f"p{n}" for n in draw.integers(0, orders // 2, orders)],
            "state": draw.choice(STATES, orders),
        }
    )
    homes = pd.DataFrame(
        {"seller_id": [f"s{n}" for n in range(sellers)], "state": draw.choice(STATES, sellers)}
    )
    homes.loc[0, "state"] = None
    return {
        "items": _with_gaps(gaps, items, "price", "freight"),
        "payments": _with_gaps(gaps, payments, "value", "installments"),
        "products": _products(draw),
        "sellers": homes,
        "customers": _with_gaps(gaps, customers, "person_id", "state"),
        "orders": placed,
        "reviews": _reviews(draw, placed),
    }


def _with_gaps(draw, rows, *columns):
    """Return the rows with some of the values unknown, as rules leave them."""
    known = {name: rows[name].where(draw.random(len(rows)) < 0.8) for name in columns}
    return rows.assign(**known)


def _moments(draw, count, first=START, days=DAYS):
    # Some exactly at midnight, where the border between two days lies.
    seconds = draw.integers(0, days * 86400, count)
    seconds = np.where(draw.random(count) < 0.2, seconds // 86400 * 86400, seconds)
    return pd.Series(first + pd.to_timedelta(seconds, unit="s"))


def _later(draw, moments, mean_days, share=1.0):
    days = draw.exponential(mean_days, len(moments)) * (draw.random(len(moments)) < share)
    return moments + pd.to_timedelta((days * 86400).round(), unit="s")


def _orders(draw, count):
    purchased = _moments(draw, count)
    handed = _later(draw, purchased, 3)
    arrived = draw.random(count) < 0.8
    return pd.DataFrame(
        {
            "order_id": [f"o{n:03}" for n in range(count)],
            "customer_id": [f"c{n:03}" for n in range(count)],
            "status": np.where(arrived, "delivered", draw.choice(["canceled", "shipped"], count)),
            "purchased": purchased,
            "approved": _later(draw, purchased, 0.5),
            "handed_over": handed.where(draw.random(count) < 0.9),
            "delivered": _later(draw, handed, 9).where(arrived),
            "estimated": purchased.dt.normalize()
            + pd.to_timedelta(draw.integers(5, 20, count), "D"),
            "event_time": purchased,
            "known_time": _later(draw, purchased, 5, 0.3),
        }
    )


def _items(draw, placed, sellers):
    rows = placed.loc[np.repeat(placed.index, draw.integers(1, 4, len(placed)))]
    count = len(rows)
    # A part of an order may follow days later, so an order can span windows.
    event = _later(draw, rows["event_time"].reset_index(drop=True), 6, 0.3)
    return pd.DataFrame(
        {
            "order_id": rows["order_id"].to_numpy(),
            "item": rows.groupby("order_id").cumcount().to_numpy() + 1,
            "product_id": [f"q{n}" for n in draw.integers(0, 12, count)],
            "seller_id": [f"s{n}" for n in draw.integers(0, sellers, count)],
            "customer_id": rows["customer_id"].to_numpy(),
            "price": draw.integers(1, 20000, count) / 100,
            "freight": draw.integers(0, 3000, count) / 100,
            "shipping_limit": event + pd.Timedelta(days=4),
            "event_time": event,
            "known_time": _later(draw, event, 8, 0.3),
        }
    )


def _payments(draw, placed):
    rows = placed.loc[np.repeat(placed.index, draw.integers(1, 3, len(placed)))]
    count = len(rows)
    event = rows["event_time"].reset_index(drop=True)
    return pd.DataFrame(
        {
            "order_id": rows["order_id"].to_numpy(),
            "sequential": rows.groupby("order_id").cumcount().to_numpy() + 1,
            "type": draw.choice(["credit_card", "boleto", "voucher", "not_defined"], count),
            "installments": draw.integers(0, 11, count),
            "value": draw.integers(0, 30000, count) / 100,
            "event_time": event,
            "known_time": _later(draw, event, 4, 0.3),
        }
    )


def _products(draw, count=11):
    photos = pd.Series(draw.integers(1, 7, count).astype(float))
    return pd.DataFrame(
        {
            "product_id": [f"q{n}" for n in range(count)],
            "category": draw.choice(np.array(["toys", "books", "garden", None]), count),
            "photos": photos.where(draw.random(count) < 0.8),
            "weight_g": draw.integers(50, 9000, count).astype(float),
            "volume_cm3": draw.integers(100, 90000, count).astype(float),
        }
    )


def _reviews(draw, placed):
    rows = placed[draw.random(len(placed)) < 0.8].reset_index(drop=True)
    created = _later(draw, rows["event_time"], 12)
    return pd.DataFrame(
        {
            "review_id": [f"r{n:03}" for n in range(len(rows))],
            "order_id": rows["order_id"],
            "score": draw.integers(1, 6, len(rows)),
            "event_time": created,
            "known_time": _later(draw, created, 5),
        }
    )


def in_engine(backend, frames):
    """Return the frames as tables of an Ibis backend, timestamps without zone."""
    return {name: _table(backend, frame) for name, frame in frames.items()}


def _table(backend, frame):
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    table = table.cast(pa.schema(fields))
    if backend.name != "pyspark":
        return backend.create_table(ibis.util.gen_name("small"), table, temp=True)
    # Spark reads when it computes, so the file stays as long as the test run.
    file = Path(_FOLDER.name) / f"{ibis.util.gen_name('small')}.parquet"
    pq.write_table(table, file)
    return backend.read_parquet(str(file))


def compute(tables, dates=DATES, windows=WINDOWS, families=None):
    """Return the features of the families that the tables allow, as pandas."""
    chosen = computable(FAMILIES, tables) if families is None else families
    table = dated(assemble(Events(tables, dates, windows, Activity(45, 1)), chosen))
    return table.to_pandas().sort_values(["reference_date", "seller_id"], ignore_index=True)


def everyone(items, dates=DATES):
    """Return `seller_id` and `reference_day` of sellers with a sale known by the date."""
    events = Events({"items": items}, dates, WINDOWS, Activity(45, 1))
    return events.pairs.inner_join(events.sellers, "seller").drop("seller")


def family(name):
    """Return the families of this name."""
    return [one for one in FAMILIES if one.name == name]
