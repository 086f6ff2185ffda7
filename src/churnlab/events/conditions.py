"""Which rows a declared rule concerns, as SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from churnlab.config.event_catalog import EventTable, EventTables
from churnlab.config.event_rule import Check, Rule
from churnlab.events.clock import Change, gaps, overlaps
from churnlab.events.engine import literal, quoted
from churnlab.events.loading import UNREADABLE


class Asked(NamedTuple):
    """A rule, where it stands, and its columns as SQL identifiers."""

    name: str
    rule: Rule
    table: EventTable
    events: EventTables
    columns: list[str]


def condition(name: str, rule: Rule, table: EventTable, events: EventTables) -> str:
    """Return the SQL condition that is true in the rows of table `name` that `rule` concerns."""
    columns = [quoted(column) for column in rule.columns]
    return CONDITIONS[rule.check](Asked(name, rule, table, events, columns))


def between(column: str, change: Change) -> str:
    """Return the condition that a local time lies in what a change of the clock concerns."""
    return f"({column} >= TIMESTAMP '{change.start}' AND {column} < TIMESTAMP '{change.end}')"


def _unreadable(asked: Asked) -> str:
    return UNREADABLE


def _missing(asked: Asked) -> str:
    return " OR ".join(f"{column} IS NULL" for column in asked.columns)


def _below(asked: Asked) -> str:
    return f"{asked.columns[0]} < {asked.rule.limit!r}"


def _above(asked: Asked) -> str:
    return f"{asked.columns[0]} > {asked.rule.limit!r}"


def _values(asked: Asked) -> str:
    return f"{asked.columns[0]} NOT IN ({', '.join(map(literal, asked.rule.values))})"


def _before(asked: Asked) -> str:
    earlier, later = asked.columns
    return f"{later} < {earlier}"


def _reference(asked: Asked) -> str:
    column = asked.columns[0]
    keys = f"SELECT {column} FROM {quoted(str(asked.rule.table))} WHERE {column} IS NOT NULL"
    return f"{column} IS NOT NULL AND {column} NOT IN ({keys})"


def _period(asked: Asked) -> str:
    column, period = asked.columns[0], asked.events.period
    end = period.last + timedelta(days=1)
    return f"{column} < TIMESTAMP '{period.first}' OR {column} >= TIMESTAMP '{end}'"


def _clock_gap(asked: Asked) -> str:
    return _at_changes(asked, gaps)


def _clock_overlap(asked: Asked) -> str:
    return _at_changes(asked, overlaps)


def _at_changes(asked: Asked, find: Callable[..., list[Change]]) -> str:
    period = asked.events.period
    changes = find(asked.events.timezone, period.first, period.last)
    return " OR ".join(between(asked.columns[0], change) for change in changes) or "false"


def _duplicate(asked: Asked) -> str:
    """Return the condition for all rows of a key but the one that was known first.

    Rows are ranked only where a key occurs twice, so that the common case is one count. Of rows
    known at once the smallest values decide, so that the order of the file does not matter.
    """
    name, keys = quoted(asked.name), ", ".join(asked.columns)
    known = [quoted(column) for column in asked.table.known_time if "." not in column]
    whole = " AND ".join(f"{column} IS NOT NULL" for column in asked.columns)
    again = f"SELECT {keys} FROM {name} WHERE {whole} GROUP BY {keys} HAVING count(*) > 1"
    others = [quoted(n) for n, c in asked.table.columns.items() if c.privacy != "sensitive"]
    order = ", ".join([*(f"{column} NULLS LAST" for column in [*known, *others]), "rowid"])
    rank = f"row_number() OVER (PARTITION BY {keys} ORDER BY {order})"
    ranked = f"SELECT rowid AS row, {rank} AS rank FROM {name} WHERE ({keys}) IN ({again})"
    return f"rowid IN (SELECT row FROM ({ranked}) WHERE rank > 1)"


CONDITIONS: Mapping[Check, Callable[[Asked], str]] = {
    "unreadable": _unreadable,
    "missing": _missing,
    "duplicate": _duplicate,
    "below": _below,
    "above": _above,
    "period": _period,
    "clock_gap": _clock_gap,
    "clock_overlap": _clock_overlap,
    "values": _values,
    "before": _before,
    "reference": _reference,
}
