"""Further tables as of the reference date: tickets, series by state, holidays."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from churnlab.config.further import FurtherTable
from churnlab.errors import ChurnlabError
from churnlab.event_features.engines import constant
from churnlab.event_features.further import further_family
from churnlab.event_features.holidays import holiday_table
from churnlab.event_features.registry import computable, families_of, left_out, registry
from churnlab.event_features.rows import feature_rows
from churnlab.event_features.store import read_tables
from churnlab.event_features.tables import Activity, Events
from event_features.tables import DATES, compute, in_engine, small_tables
from event_features.tickets import drawn_tickets

TICKETS = FurtherTable(
    kind="events",
    key="seller",
    file="tickets.parquet",
    what="support tickets",
    event_time="opened",
    known_time="known",
    ended="closed",
)
HOLIDAYS = FurtherTable(
    kind="calendar", holidays="BR", what="national holidays", ahead=(45,), back=(28,)
)
INDEX = FurtherTable(
    kind="series", key="state", file="i.parquet", what="retail index", value="level", unit="points"
)


def many_tickets(frames):
    """Return some thirty tickets, more than that share of the few items would have."""
    drawn = [drawn_tickets(frames["items"], seed) for seed in range(8)]
    return pd.concat(drawn, ignore_index=True)


def as_found(duckdb, frames, name, table, dates=DATES, windows=(7, 30)):
    tables = in_engine(duckdb, frames)
    return compute(tables, dates, windows, [further_family(name, table)])


def expected_tickets(tickets, row, windows):
    """Return the same by filtering, one seller and date at a time."""
    start = pd.Timestamp(row.reference_date)
    own = tickets[tickets["seller_id"] == row.seller_id]
    seen = own[(own["opened"] < start) & (own["known"] < start)]
    ago = (start - seen["opened"].dt.normalize()).dt.days
    counts = {
        f"tickets_count_{w}d": (seen["opened"] >= start - pd.Timedelta(days=w)).sum()
        for w in windows
    }
    return {
        **counts,
        "tickets_count_life": len(seen),
        "tickets_open": (seen["closed"].isna() | (seen["closed"] >= start)).sum(),
        "tickets_recency": ago.min() if len(seen) else np.nan,
    }


def test_tickets_are_counted_per_window_and_those_open_at_the_date(duckdb, frames):
    tickets = many_tickets(frames)
    found = as_found(duckdb, {**frames, "tickets": tickets}, "tickets", TICKETS)
    rows = [expected_tickets(tickets, row, (7, 30)) for row in found.itertuples()]
    expected = pd.DataFrame(rows).astype(float)
    assert found["tickets_open"].max() > 0
    pd.testing.assert_frame_equal(found[expected.columns], expected)


def test_tickets_that_become_known_later_or_are_closed_later_change_nothing(duckdb, frames):
    tickets = many_tickets(frames)
    day = pd.Timestamp(DATES[1])
    future = (tickets["opened"] >= day) | (tickets["known"] >= day)
    other = tickets[~future].copy()
    later = other["closed"] >= day
    other["closed"] = other["closed"].mask(later, other["closed"] + pd.Timedelta(days=50))
    assert future.any()
    assert later.any()
    worlds = [
        as_found(duckdb, {**frames, "tickets": rows}, "tickets", TICKETS, DATES[1:2])
        for rows in (tickets, other)
    ]
    pd.testing.assert_frame_equal(*worlds, check_exact=True)


def test_holidays_ahead_are_those_of_the_calendar_that_is_published(duckdb, frames):
    dates = (date(2017, 3, 15), date(2017, 4, 1))
    backend = ibis.duckdb.connect(threads=1)
    tables = in_engine(backend, frames)
    tables["holidays"] = constant(backend, holiday_table("BR", range(2016, 2019)))
    found = compute(tables, dates, (7,), [further_family("holidays", HOLIDAYS)])
    by_date = found.groupby("reference_date")[["holidays_ahead_45", "holidays_back_28"]].first()
    # Good Friday on 14 April, Tiradentes on 21 April; 1 May is the 47th and the 30th day after.
    assert by_date.loc[dates[0]].tolist() == [2, 0]
    assert by_date.loc[dates[1]].tolist() == [3, 0]


def test_a_holiday_of_next_year_is_unknown_until_its_calendar_is_published(duckdb, frames):
    items = frames["items"].assign(event_time=pd.Timestamp("2017-06-01"))
    items = items.assign(known_time=items["event_time"])
    tables = in_engine(duckdb, {**frames, "items": items})
    tables["holidays"] = constant(duckdb, holiday_table("BR", range(2016, 2019)))
    dates = (date(2017, 12, 20), date(2017, 12, 31), date(2018, 1, 1))
    found = compute(tables, dates, (7,), [further_family("holidays", HOLIDAYS)])
    ahead = found.groupby("reference_date")["holidays_ahead_45"].first()
    # Christmas; then nothing of 2018 is published; then New Year, on the date itself.
    assert ahead.tolist() == [1, 0, 1]


def test_a_series_by_state_gives_the_latest_value_that_is_known(duckdb, frames):
    levels = pd.DataFrame(
        {
            "state": ["SP", "SP", "SP", "RJ", "RJ"],
            "event_time": pd.to_datetime(
                ["2017-01-01", "2017-02-01", "2017-03-01", "2017-01-01", "2017-02-01"]
            ),
            "known_time": pd.to_datetime(
                ["2017-01-20", "2017-02-20", "2017-03-20", "2017-01-20", "2017-02-20"]
            ),
            # A month that was published without its value leaves the one before as the latest.
            "level": [100.0, 101.0, 102.0, 90.0, np.nan],
        }
    )
    sellers = frames["sellers"].assign(state=["SP", "RJ", "BA", "SP"])
    shown = {**frames, "sellers": sellers, "index": levels}
    found = as_found(duckdb, shown, "index", INDEX, (date(2017, 3, 15),))
    values = found.set_index("seller_id")
    assert values.loc["s0", "index_value"] == 101.0
    assert values.loc["s0", "index_value_age"] == 42
    assert values.loc["s1", "index_value"] == 90.0
    assert values.loc["s1", "index_value_age"] == 73
    assert np.isnan(values.loc["s2", "index_value"])


def test_blocks_of_sellers_give_further_tables_as_all_sellers_at_once_do(duckdb, frames, tmp_path):
    declared = {"tickets": TICKETS, "holidays": HOLIDAYS}
    tables = in_engine(duckdb, {**frames, "tickets": many_tickets(frames)})
    tables["holidays"] = constant(duckdb, holiday_table("BR", range(2016, 2019)))
    families = [further_family(name, table) for name, table in declared.items()]
    events = Events(tables, DATES, (7, 30), Activity(45, 1))
    parts = list(feature_rows(events, families, tmp_path, items_at_a_time=20))
    assert len(parts) > len(DATES)
    found = pa.concat_tables(parts).to_pandas()
    pd.testing.assert_frame_equal(found, compute(tables, families=families), check_exact=True)


def test_a_declared_table_that_is_absent_is_left_out_and_listed():
    families = families_of({"tickets": TICKETS})
    tables = ["items", "payments", "products", "sellers", "customers"]
    listed = left_out(families, tables)
    assert {entry["family"]: entry["missing"] for entry in listed} == {
        "customers": ["orders"],
        "delivery": ["orders"],
        "reviews": ["reviews"],
        "tickets": ["tickets"],
    }
    assert [f.name for f in computable(families, [*tables, "tickets"])][-1] == "tickets"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "events"}, "name either a file or the country"),
        ({"kind": "events", "holidays": "BR"}, "holidays are a calendar"),
        ({"kind": "series", "file": "a.parquet"}, "series and value belong together"),
        ({"kind": "calendar", "holidays": "BR"}, "days ahead or back"),
        ({"kind": "calendar", "file": "a.parquet", "ahead": [7], "ended": "x"}, "ended needs"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        FurtherTable(what="things", **given)


def test_an_unknown_country_is_named():
    with pytest.raises(ChurnlabError, match="unknown country 'XX'"):
        holiday_table("XX", [2017])


def test_families_of_one_study_have_distinct_features():
    declared = {"tickets": TICKETS, "holidays": HOLIDAYS, "index": INDEX}
    names = [feature.name for feature in registry((7, 30), families_of(declared))]
    assert {name.split("_")[0] for name in names} >= set(declared)
    assert len(set(names)) == len(names)


def test_a_further_table_never_takes_the_name_of_something_else(duckdb, tmp_path):
    with pytest.raises(ChurnlabError, match=r"further\.sales: .* call the table otherwise"):
        families_of({"sales": TICKETS})
    small_tables(1)["items"].to_parquet(tmp_path / "items.parquet")
    with pytest.raises(ChurnlabError, match=r"further\.payments: a table of events has this name"):
        read_tables(duckdb, tmp_path, {"payments": TICKETS})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ended": "closd"}, r"further\.tickets\.ended: the table has no column closd; it has"),
        ({"known_time": "seen"}, r"further\.tickets\.known_time: the table has no column seen"),
        ({"key": "state"}, r"further\.tickets\.key: the table has no column state"),
    ],
)
def test_a_column_that_the_table_lacks_is_named(duckdb, frames, change, message):
    shown = {**frames, "tickets": many_tickets(frames)}
    with pytest.raises(ChurnlabError, match=message):
        as_found(duckdb, shown, "tickets", TICKETS.model_copy(update=change))


def test_what_nobody_can_date_is_never_counted(duckdb, frames):
    tickets = many_tickets(frames)
    dateless = tickets.assign(known=pd.NaT, opened=tickets["opened"].min())
    both = pd.concat([tickets, dateless.astype(tickets.dtypes.to_dict())], ignore_index=True)
    plain = as_found(duckdb, {**frames, "tickets": tickets}, "tickets", TICKETS)
    found = as_found(duckdb, {**frames, "tickets": both}, "tickets", TICKETS)
    assert plain["tickets_count_life"].sum() > 0
    pd.testing.assert_frame_equal(found, plain)
