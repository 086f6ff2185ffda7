"""Rules that tie the entries of an event catalog together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from churnlab.config.validation import unknown_names

if TYPE_CHECKING:
    from churnlab.config.event_catalog import EventCatalog, EventTable
    from churnlab.config.event_rule import Rule

# What the columns of these checks must be.
TYPES = {
    "below": ("whole", "number"),
    "above": ("whole", "number"),
    "period": ("time",),
    "clock_gap": ("time",),
    "clock_overlap": ("time",),
    "before": ("time",),
    "values": ("text",),
    "unreadable": ("whole", "number", "time"),
}


def event_rule_breaks(catalog: EventCatalog) -> list[str]:
    """Return one line per broken rule; none for a sound catalog."""
    lines = [*_common(catalog)]
    for name, table in catalog.tables.items():
        at = f"events.tables.{name}"
        lines += [*_columns(at, table), *_hashes(at, table), *_times(at, table, catalog)]
        for rule_name, rule in table.rules.items():
            lines += _rule(f"{at}.rules.{rule_name}", rule, table, name, catalog)
    return lines


def _common(catalog: EventCatalog) -> Iterator[str]:
    period, zone = catalog.events.period, catalog.events.timezone
    if period.first > period.last:
        yield f"events.period: first {period.first} is after last {period.last}; exchange them"
    complete = catalog.events.complete_until
    if complete and not period.first <= complete <= period.last:
        yield f"events.complete_until: {complete} is not in events.period; correct one of them"
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        yield f"events.timezone: '{zone}' is not a time zone; write one as America/Sao_Paulo"
    for name, table in catalog.further.items():
        if table.file and table.file.removesuffix(".parquet") not in catalog.tables:
            yield (
                f"further.{name}.file: {table.file} is not what the events stage makes of a table; "
                f"declare the table under events.tables, which has {', '.join(catalog.tables)}"
            )
    if "items" not in catalog.tables:
        yield "events.tables: items is missing; the sold items are what a study is made of"
    elif not catalog.tables["items"].required:
        yield "events.tables.items.required: false, but no study works without items; write true"
    files = [table.file for table in catalog.tables.values()]
    for file in sorted({file for file in files if files.count(file) > 1}):
        yield f"events.tables: two of them have the file {file}; each needs its own"


def _columns(at: str, table: EventTable) -> Iterator[str]:
    columns = list(table.columns)
    yield from unknown_names(f"{at}.key", "column", table.key, columns)
    if not any(_keeps_unique(rule, table.key) for rule in table.rules.values()):
        yield (
            f"{at}.rules: nothing keeps the key {list(table.key)} unique; declare a rule with "
            "check: duplicate, these columns, and action: exclude or refuse"
        )
    for name, rule in table.rules.items():
        yield from unknown_names(f"{at}.rules.{name}.columns", "column", rule.columns, columns)


def _keeps_unique(rule: Rule, key: tuple[str, ...]) -> bool:
    unique = rule.check == "duplicate" and rule.action in {"exclude", "refuse"}
    return unique and set(rule.columns) <= set(key)


def _hashes(at: str, table: EventTable) -> Iterator[str]:
    verified = table.sha256 or table.git_blob
    if table.required and not (table.sha256 and table.bytes):
        yield f"{at}: a required table needs sha256 and bytes; add them"
    if not verified and not table.unverified:
        yield f"{at}: neither sha256 nor git_blob; add one, or say in unverified why none is known"
    if verified and table.unverified:
        yield f"{at}.unverified: a hash is given, so the file can be verified; remove unverified"


def _times(at: str, table: EventTable, catalog: EventCatalog) -> Iterator[str]:
    if bool(table.event_time) != bool(table.known_time):
        yield f"{at}: event_time and known_time belong together; write both"
    for key in ("event_time", "known_time"):
        for place in getattr(table, key):
            other, dot, column = place.rpartition(".")
            if dot and other not in catalog.tables:
                yield from unknown_names(f"{at}.{key}", "table", [other], list(catalog.tables))
                continue
            owner = catalog.tables[other] if dot else table
            if owner.key[0] not in table.columns:
                yield f"{at}.{key}: {place} is found by {owner.key[0]}, which is no column here"
            found = unknown_names(f"{at}.{key}", "column", [column], list(owner.columns))
            yield from found
            if not found and owner.columns[column].type != "time":
                yield f"{at}.{key}: {place} is {owner.columns[column].type}; it must be a time"


def _rule(
    at: str, rule: Rule, table: EventTable, name: str, catalog: EventCatalog
) -> Iterator[str]:
    allowed = TYPES.get(rule.check)
    for column in rule.columns:
        kind = table.columns[column].type if column in table.columns else None
        if allowed and kind and kind not in allowed:
            yield f"{at}.columns: {column} is {kind}; check: {rule.check} needs {_or(allowed)}"
    if rule.table is None:
        return
    yield from unknown_names(f"{at}.table", "table", [rule.table], list(catalog.tables))
    if rule.table in catalog.tables and rule.columns[0] not in catalog.tables[rule.table].columns:
        yield f"{at}.columns: {rule.table} has no column {rule.columns[0]}; references go by name"
    names = list(catalog.tables)
    if rule.table in names and names.index(rule.table) >= names.index(name):
        yield f"{at}.table: {rule.table} is read after {name}; list it before"


def _or(names: tuple[str, ...]) -> str:
    return " or ".join(names)
