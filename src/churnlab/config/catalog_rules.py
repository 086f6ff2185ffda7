"""Rules that tie the entries of a catalog together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from churnlab.config.validation import unknown_names

if TYPE_CHECKING:
    from churnlab.config.catalog import Catalog

# Names that prepared tables and predictions give to their own columns.
RESERVED = ("id", "y", "p", "model", "fold", "repeat")


def rule_breaks(catalog: Catalog) -> list[str]:
    """Return one line per broken rule; none for a sound catalog."""
    return [
        *_unknown_columns(catalog),
        *_target(catalog),
        *_identifier(catalog),
        *_time(catalog),
        *_inputs(catalog),
        *_fairness(catalog),
    ]


def _unknown_columns(catalog: Catalog) -> Iterator[str]:
    columns = list(catalog.columns)
    yield from unknown_names("target.column", "column", [catalog.target.column], columns)
    if catalog.id is not None:
        yield from unknown_names("id", "column", [catalog.id], columns)
    if catalog.time is not None:
        yield from unknown_names("time", "column", [catalog.time], columns)
    yield from unknown_names("reduced_columns", "input", catalog.reduced_columns, catalog.inputs)
    if catalog.fairness:
        named = [*catalog.fairness.columns, *catalog.fairness.bins]
        yield from unknown_names("fairness", "column", dict.fromkeys(named), columns)


def _target(catalog: Catalog) -> Iterator[str]:
    target = catalog.target
    if target.positive == target.negative:
        yield f"target: positive and negative are both '{target.positive}'; two values are needed"
    for name in catalog.with_role("target"):
        if name != target.column:
            yield (
                f"columns.{name}.role: 'target', but target.column is '{target.column}'; "
                "one column can be the target"
            )
    column = catalog.columns.get(target.column)
    if column is None:
        return
    if column.role != "target":
        yield (
            f"columns.{target.column}.role: '{column.role}', but target.column names it; "
            "a column has one role: write target"
        )
    if set(column.categories) != {target.positive, target.negative}:
        yield (
            f"columns.{target.column}.categories: {list(column.categories)} are not the two values "
            f"of target: '{target.negative}' and '{target.positive}'"
        )


def _identifier(catalog: Catalog) -> Iterator[str]:
    column = catalog.columns.get(catalog.id) if catalog.id else None
    if column and column.role != "identifier":
        yield (
            f"columns.{catalog.id}.role: '{column.role}', but id names it; "
            "a column has one role: write identifier"
        )
    if column and column.type == "numeric" and not column.integer:
        yield f"columns.{catalog.id}.integer: a numeric id must be whole; write integer: true"


def _time(catalog: Catalog) -> Iterator[str]:
    column = catalog.columns.get(catalog.time) if catalog.time else None
    if column and column.role != "time":
        yield (
            f"columns.{catalog.time}.role: '{column.role}', but time names it; "
            "a column has one role: write time"
        )
    if column and column.type != "date":
        yield f"columns.{catalog.time}.type: '{column.type}', but time must be a date"
    for name in catalog.with_role("time"):
        if name != catalog.time:
            yield f"columns.{name}.role: 'time', but time does not name it; write time: {name}"
    if catalog.time and catalog.as_of:
        yield "as_of: the time of prediction is already given by time; keep one of the two"
    dated = [name for name in catalog.inputs if catalog.columns[name].type == "date"]
    if dated and not (catalog.time or catalog.as_of):
        yield (
            f"columns.{dated[0]}: a date counts as days before the time of prediction; name its "
            "column in time, or give one date for all rows in as_of"
        )


def _inputs(catalog: Catalog) -> Iterator[str]:
    if not catalog.inputs:
        yield "columns: none has role: input; at least one is needed"
    for name in catalog.inputs:
        column = catalog.columns[name]
        if name in RESERVED:
            yield f"columns.{name}: the name is reserved; publish the column under another one"
        if column.privacy in {"identifier", "label"}:
            yield (
                f"columns.{name}.privacy: '{column.privacy}' cannot be an input; "
                "change the role or the tag"
            )
        if column.privacy == "sensitive" and not catalog.sensitive_basis:
            yield (
                f"columns.{name}: sensitive data as an input needs a legal basis (LGPD art. 11); "
                "state it in sensitive_basis, or drop the column by role: identifier"
            )


def _fairness(catalog: Catalog) -> Iterator[str]:
    if not catalog.fairness:
        return
    for name in catalog.fairness.columns:
        column = catalog.columns.get(name)
        if column and column.type == "numeric" and name not in catalog.fairness.bins:
            yield f"fairness.bins: '{name}' is numeric and has no bands; list their edges"
    for name, edges in catalog.fairness.bins.items():
        if list(edges) != sorted(set(edges)) or len(edges) < 2:
            yield f"fairness.bins.{name}: {list(edges)} must be two or more rising edges"
