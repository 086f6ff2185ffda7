"""Windows that end where the reference date begins, and sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Window:
    """The `days` days before a reference date; None for everything known."""

    days: int | None

    @property
    def label(self) -> str:
        """The end of a feature's name: `28d` or `life`."""
        return "life" if self.days is None else f"{self.days}d"

    @property
    def words(self) -> str:
        """How a description ends."""
        return "so far" if self.days is None else f"in the last {self.days} days"

    def holds(self, ago: ir.Column) -> ir.BooleanValue | None:
        """Return where an event of `ago` days before lies inside; None for everywhere."""
        return None if self.days is None else ago <= self.days

    def name(self, measure: str) -> str:
        """Return the column that holds `measure` over this window."""
        return f"{measure}_{self.label}"


def with_lifetime(days: Iterable[int]) -> tuple[Window, ...]:
    """Return the windows of these lengths, and the whole known history."""
    return (*(Window(length) for length in days), Window(None))


def sums(
    events: ir.Table, measures: Mapping[str, ir.Column], windows: Iterable[Window]
) -> dict[str, ir.Scalar]:
    """Return, per window and measure, the sum of whole numbers, 0 where there is nothing.

    Args:
        events: rows with the column `ago`, days before the reference date.
        measures: whole-numbered columns of `events` by name.
        windows: the windows.
    """
    return {
        window.name(name): column.sum(where=window.holds(events["ago"])).fill_null(0).cast("int64")
        for window in windows
        for name, column in measures.items()
    }


def extremes(
    events: ir.Table, measures: Mapping[str, ir.Column], windows: Iterable[Window]
) -> dict[str, ir.Scalar]:
    """Return, per window and measure, `<measure>_max_<window>`; null where there is nothing."""
    return {
        window.name(f"{name}_max"): column.max(where=window.holds(events["ago"]))
        for window in windows
        for name, column in measures.items()
    }
