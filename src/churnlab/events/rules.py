"""Declared rules, applied to typed tables one after another; whatever they concern is counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churnlab.config.event_catalog import EventCatalog, EventTable, EventTables
from churnlab.config.event_rule import Action, Check, Rule
from churnlab.errors import ChurnlabError
from churnlab.events.clock import gaps
from churnlab.events.conditions import between, condition
from churnlab.events.engine import number, quoted

if TYPE_CHECKING:
    import duckdb

# Values that cannot be read, and rows without a part of their key, end the run of a table that
# declares nothing about them.
UNDECLARED = "no rule says what to do with them"


@dataclass(frozen=True)
class Finding:
    """What one rule found: `rows` concerned; None where its table, or the other one, is absent."""

    table: str
    rule: str
    check: Check
    action: Action
    columns: tuple[str, ...]
    rows: int | None
    share: float | None
    why: str


def apply_rules(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    catalog: EventCatalog,
    present: Collection[str],
) -> list[Finding]:
    """Apply the rules of table `name` in the order of their declaration; return what they found.

    Args:
        connection: holds the tables that are present, as `load` left them.
        name: of the table.
        catalog: declares the rules.
        present: tables that are there; rules of others, and references to them, are not checked.

    Raises:
        ChurnlabError: a rule refuses the data, or concerns a larger share than it allows.
    """
    table = catalog.tables[name]
    findings = []
    for rule_name, rule in _declared(table).items():
        if name not in present or (rule.table is not None and rule.table not in present):
            findings.append(_finding(name, rule_name, rule, None, None))
            continue
        total = number(connection, f"SELECT count(*) FROM {quoted(name)}")
        where = condition(name, rule, table, catalog.events)
        rows = number(connection, f"SELECT count(*) FROM {quoted(name)} WHERE {where}")
        finding = _finding(name, rule_name, rule, rows, rows / total if total else 0.0)
        _refuse(finding, rule, catalog)
        if rows and (statement := _statement(name, rule, where, catalog.events)):
            connection.execute(statement)
        findings.append(finding)
    return findings


def _declared(table: EventTable) -> Mapping[str, Rule]:
    """Return the rules of a table, before them those that every table needs and this one lacks."""
    rules = table.rules.values()
    refused: dict[str, Rule] = {}
    if not any(rule.check == "unreadable" for rule in rules):
        refused["unreadable_values"] = Rule(check="unreadable", action="refuse", why=UNDECLARED)
    looked_at = {c for rule in rules if rule.check == "missing" for c in rule.columns}
    # Rows without a key can neither be told from each other nor found from elsewhere.
    if unseen := tuple(column for column in table.key if column not in looked_at):
        refused["no_key"] = Rule(check="missing", columns=unseen, action="refuse", why=UNDECLARED)
    return {**refused, **table.rules}


def _statement(name: str, rule: Rule, where: str, events: EventTables) -> str | None:
    if rule.action == "exclude":
        return f"DELETE FROM {quoted(name)} WHERE {where}"
    if rule.action == "shift":
        column = quoted(rule.columns[0])
        changes = gaps(events.timezone, events.period.first, events.period.last)
        moved = " ".join(
            f"WHEN {between(column, change)} THEN {column} + "
            f"INTERVAL {int(change.length.total_seconds())} SECOND"
            for change in changes
        )
        return f"UPDATE {quoted(name)} SET {column} = CASE {moved} END WHERE {where}"
    # Values that cannot be read are null from the start.
    if rule.action == "empty" and rule.check != "unreadable":
        column = quoted(rule.columns[-1])
        return f"UPDATE {quoted(name)} SET {column} = NULL WHERE {where}"
    return None


def _finding(table: str, name: str, rule: Rule, rows: int | None, share: float | None) -> Finding:
    return Finding(table, name, rule.check, rule.action, rule.columns, rows, share, rule.why)


def _refuse(finding: Finding, rule: Rule, catalog: EventCatalog) -> None:
    most = 0.0 if rule.action == "refuse" else rule.refuse_above
    if most is None or finding.share is None or finding.share <= most:
        return
    raise ChurnlabError(
        f"{catalog.name}, table {finding.table}: rule {finding.rule} ({rule.check}"
        f"{' of ' + ', '.join(rule.columns) if rule.columns else ''}) concerns {finding.rows:,} "
        f"rows, {finding.share:.2%}, and at most {most:.2%} are allowed; mend the file, or change "
        f"events.tables.{finding.table}.rules.{finding.rule} in data/catalog/{catalog.name}.yaml"
    )
