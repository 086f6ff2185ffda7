"""The checks of a promotion and the history of a study as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from churnlab.deployments import Change, Deployment
from churnlab.registry.gate import Check
from churnlab.registry.versions import Version

if TYPE_CHECKING:
    from rich.table import Table


def gate_table(checks: Sequence[Check]) -> Table:
    """Return one row per check: what was measured, what is asked, and whether it passed."""
    table = _table("check", "measured", "bound", "passed")
    for check in checks:
        table.add_row(
            check.name, _plain(check.measured), check.bound, "yes" if check.passed else "NO"
        )
    return table


def versions_table(versions: Sequence[Version], present: Deployment | None) -> Table:
    """Return one row per published version, the latest first."""
    table = _table("version", "bundle", "published", "commit", "alias", "here")
    for one in reversed(versions):
        at = datetime.fromtimestamp(one.created / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        here = "in service" if present and present.version == one.bundle else ""
        here += ", pinned" if here and present and present.pinned else ""
        table.add_row(
            f"v{one.number}", one.bundle, at, one.commit[:8], ", ".join(one.aliases), here
        )
    return table


def changes_table(changes: Sequence[Change], versions: Sequence[Version]) -> Table:
    """Return one row per change of what is in service, the latest first."""
    numbers = {one.bundle: f"v{one.number} {one.bundle}" for one in versions}
    table = _table("when", "who", "what", "from", "to", "why")
    for one in reversed(changes):
        origin = numbers.get(one.origin or "", one.origin or "-")
        table.add_row(
            one.at,
            _plain(one.by),
            one.action,
            origin,
            numbers.get(one.version, one.version),
            _plain(one.why),
        )
    return table


def _table(*headings: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _plain(text: str) -> str:
    """Return text whose square brackets are not taken for styles."""
    from rich.markup import escape

    return escape(text)
