"""Families made of declared further tables: events, series and calendars."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from churnlab.config.further import FurtherTable
from churnlab.errors import ChurnlabError
from churnlab.event_features.definitions import Definition, Maker
from churnlab.event_features.families.family import Family
from churnlab.event_features.tables import Events
from churnlab.event_features.visibility import NEVER, PAIR, day_number, seen_day, total
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

KEYS = {"seller": "seller_id", "state": "state", "none": None}
KEY_COLUMNS = {"seller": "seller", "state": "state", "none": None}


def further_families(declared: Mapping[str, FurtherTable]) -> list[Family]:
    """Return one family per declared table, in the order of declaration."""
    return [further_family(name, table) for name, table in declared.items()]


def further_family(name: str, table: FurtherTable) -> Family:
    """Return the family that a declared table gives."""
    needs = ("items", name, *(("sellers",) if table.key == "state" else ()))
    make_sums, make_definitions = KINDS[table.kind]
    return Family(
        name, needs, partial(make_sums, name, table), partial(make_definitions, name, table)
    )


def dated_rows(events: Events, name: str, table: FurtherTable) -> ir.Table:
    """Return the rows with `day`, `known` and, where events end, `ended` as days.

    Raises:
        ChurnlabError: the table lacks a column that its declaration names.
    """
    import ibis

    rows = events.tables[name]
    _check_columns(name, table, rows.columns)
    if table.key == "seller":
        rows = rows.inner_join(events.sellers, "seller_id")
    # What nobody can date must not be known early.
    rows = rows.filter(rows[table.event_time].notnull() & rows[table.known_time].notnull())
    happened, known = rows[table.event_time], rows[table.known_time]
    ended = day_number(rows[table.ended]).fill_null(NEVER) if table.ended else ibis.literal(NEVER)
    key = KEY_COLUMNS[table.key]
    return rows.select(
        **({key: rows[key]} if key else {}),
        **({"value": rows[table.value].cast("float64")} if table.value else {}),
        day=day_number(happened),
        seen=seen_day(happened, known),
        known=day_number(known),
        ended=ended,
    )


def _check_columns(name: str, table: FurtherTable, columns: Collection[str]) -> None:
    named = {
        "event_time": table.event_time,
        "known_time": table.known_time,
        "ended": table.ended,
        "value": table.value,
        "key": KEYS[table.key],
    }
    for key, column in named.items():
        if column and column not in columns:
            raise ChurnlabError(
                f"further.{name}.{key}: the table has no column {column}; "
                f"it has {', '.join(columns)}"
            )


def asked(events: Events, table: FurtherTable) -> ir.Table:
    """Return the reference days that are asked about, once per value of the key."""
    if table.key == "seller":
        return events.pairs.select(*PAIR)
    if table.key == "state":
        return _with_state(events).select("state", "reference_day").distinct()
    return events.pairs.select("reference_day").distinct()


def _with_state(events: Events) -> ir.Table:
    sellers = events.tables["sellers"].select("seller_id", "state")
    numbered = sellers.inner_join(events.sellers, "seller_id").select("seller", "state")
    return events.pairs.select(*PAIR).inner_join(numbered, "seller")


def joined(events: Events, table: FurtherTable, rows: ir.Table, known: str) -> ir.Table:
    """Return the rows known by each reference day, with `ago`; `known` names the column."""
    days = asked(events, table)
    key = KEY_COLUMNS[table.key]
    rules = [rows[known] < days.reference_day, *([days[key] == rows[key]] if key else [])]
    found = days.join(rows, rules)
    found = found.mutate(ago=found.reference_day - found.day)
    return found.drop([column for column in found.columns if column.endswith("_right")])


def per_pair(events: Events, table: FurtherTable, found: ir.Table) -> ir.Table:
    """Return what was found per key and reference day once for each pair that it belongs to."""
    if table.key == "seller":
        return found
    pairs = _with_state(events) if table.key == "state" else events.pairs.select(*PAIR)
    keys = ["reference_day", *(["state"] if table.key == "state" else [])]
    spread = pairs.inner_join(found, keys)
    return spread.drop([column for column in spread.columns if column.endswith("_right")])


def _keys(table: FurtherTable) -> list[str]:
    key = KEY_COLUMNS[table.key]
    return [*([key] if key else []), "reference_day"]


def event_sums(name: str, table: FurtherTable, events: Events) -> ir.Table:
    """Return counts per window, days since the last one, and how many are open."""
    seen = joined(events, table, dated_rows(events, name, table), "seen")
    counted = seen.mutate(n=1, open=(seen.ended >= seen.reference_day).cast("int64"))
    measured = {"count": counted.n, "open": counted.open}
    found = windowed(counted, _keys(table), events.windows, measured)
    return per_pair(events, table, found)


def event_definitions(
    name: str, table: FurtherTable, windows: Sequence[Window]
) -> list[Definition]:
    """Return counts per window, recency, and open ones where an end is declared."""
    now = Maker(name)
    found = [now.state("recency", "days", f"Days since the last of: {table.what}", "recency")]
    if table.ended:
        found.append(
            now.number("open", "events", f"Still open at the date: {table.what}", "open_life")
        )
    return found + [
        Maker(name, window.label, window.words).number(
            "count", "events", f"Number of {table.what}", window.name("count")
        )
        for window in windows
    ]


def series_sums(name: str, table: FurtherTable, events: Events) -> ir.Table:
    """Return the latest value known, the mean of several of the same day.

    A row without a value says nothing: the value before it still holds.
    """
    import ibis

    rows = dated_rows(events, name, table)
    seen = joined(events, table, rows.filter(rows.value.notnull()), "seen")
    latest = ibis.window(group_by=_keys(table))
    last = seen.mutate(latest=seen.ago.min().over(latest))
    last = last.filter(last.ago == last.latest)
    found = last.group_by(_keys(table)).agg(value=last.value.mean(), recency=last.ago.min())
    return per_pair(events, table, found)


def series_definitions(
    name: str, table: FurtherTable, windows: Sequence[Window]
) -> list[Definition]:
    """Return the value that holds at the date, and how old it is."""
    now = Maker(name)
    return [
        now.state("value", table.unit, f"Latest known value of {table.what}", "value"),
        now.state("value_age", "days", f"Days since the latest known {table.what}", "recency"),
    ]


def calendar_sums(name: str, table: FurtherTable, events: Events) -> ir.Table:
    """Return how many entries lie ahead and back of the date, as far as they are published."""
    listed = joined(events, table, dated_rows(events, name, table), "known")
    ahead, back = (listed.ago <= 0), (listed.ago > 0)
    counts = {
        **{f"ahead_{n}": ahead & (listed.ago > -n) for n in table.ahead},
        **{f"back_{n}": back & (listed.ago <= n) for n in table.back},
    }
    found = listed.group_by(_keys(table)).agg(
        **{column: total(rows) for column, rows in counts.items()}
    )
    return per_pair(events, table, found)


def calendar_definitions(
    name: str, table: FurtherTable, windows: Sequence[Window]
) -> list[Definition]:
    """Return the counts ahead (the date itself included) and back (without it)."""
    now = Maker(name)
    spans = [
        *((f"ahead_{n}", f"in the {n} days from the date on") for n in table.ahead),
        *((f"back_{n}", f"in the last {n} days") for n in table.back),
    ]
    return [
        now.number(column, "days", f"Number of {table.what} {words}", column)
        for column, words in spans
    ]


KINDS: Mapping[str, tuple[Callable[..., Any], Callable[..., list[Definition]]]] = {
    "events": (event_sums, event_definitions),
    "series": (series_sums, series_definitions),
    "calendar": (calendar_sums, calendar_definitions),
}
