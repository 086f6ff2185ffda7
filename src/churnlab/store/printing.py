"""Views and looked-up values for people and programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING

from churnlab.store.document import StoreDocument, View
from churnlab.store.lookup import Answer
from churnlab.store.moments import fresh_until
from churnlab.store.state import State

if TYPE_CHECKING:
    from rich.table import Table

# Side by side, few ids still fit; more are better read as JSON.
WIDTH = 160


def overview(studies: Sequence[tuple[StoreDocument, State]], today: date) -> Table:
    """Return one row per view: owner, version, features, freshness, what is online."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for head in ("view", "owner", "version", "features", "fresh for", "online"):
        right = head in {"features", "fresh for"}
        table.add_column(
            head,
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=head in {"view", "version"},
        )
    for document, state in studies:
        for view in document.views:
            table.add_row(
                view.name,
                view.owner,
                view.version,
                str(len(view.fields)),
                f"{view.freshness_days} days",
                standing(document, view, state, today),
            )
    return table


def standing(document: StoreDocument, view: View, state: State, today: date) -> str:
    """Return whether values of a view are online, of which version, and whether still fresh."""
    applied, online = state.applied, state.online
    if not view.online:
        return "no: models see none of it"
    if applied is None or online is None:
        return "no: not materialised" if applied else "no: not registered"
    if applied.rows != document.rows.sha256 or applied.versions != document.versions:
        return "other views or rows are registered: apply again"
    if online.versions.get(view.name) != view.version:
        return f"as of {online.as_of}, version {online.versions.get(view.name, 'none')}: outdated"
    if online.rows != document.rows.sha256 or online.key != applied.key:
        return f"as of {online.as_of}, of other rows: outdated"
    until = fresh_until(_latest(document, online.day), view.freshness_days, document.timezone)
    return f"as of {online.as_of}, {'fresh until' if today <= until else 'stale since'} {until}"


def warning(document: StoreDocument, found: Sequence[Answer], today: date) -> str | None:
    """Return what to say when the values are too old by now, or else None."""
    ended = min(answer.fresh_until for answer in found)
    if today <= ended:
        return None
    return (
        f"warning: these values of {document.study} were fresh until {ended}; run "
        f"`churnlab store materialise {document.study}` once there are newer rows"
    )


def as_json(found: Sequence[Answer]) -> str:
    """Return the answers as JSON, numbers with all their digits."""
    listed = [
        {
            "id": answer.id,
            "day": str(answer.day),
            "fresh_until": str(answer.fresh_until),
            "stale_views": list(answer.stale),
            "values": answer.values,
        }
        for answer in found
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False, allow_nan=False)


def as_table(document: StoreDocument, found: Sequence[Answer]) -> str:
    """Return features by row and entities by column, with units."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    units = {field.name: field.unit for view in document.online_views for field in view.fields}
    table = Table(box=box.SIMPLE_HEAD)
    for head in ("feature", "unit"):
        table.add_column(head)
    for answer in found:
        table.add_column(f"{answer.id}\nof {answer.day}", justify="right", overflow="fold")
    for name in document.inputs:
        shown = (_shown(answer.values[name]) for answer in found)
        table.add_row(name, units[name], *shown)
    target = StringIO()
    Console(file=target, width=WIDTH, highlight=False).print(table)
    lines = (line.rstrip() for line in target.getvalue().splitlines())
    return "\n".join(lines).strip("\n")


def _shown(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.10g}"


def _latest(document: StoreDocument, day: date) -> date:
    """Return the latest day of the rows that is not after `day`."""
    return max(each for each in map(date.fromisoformat, document.rows.days) if each <= day)
