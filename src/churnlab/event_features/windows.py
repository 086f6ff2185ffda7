"""Windows that end where the reference date begins, and sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from churnlab.event_features.visibility import total

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

    def name(self, measure: str) -> str:
        """Return the column that holds `measure` over this window."""
        return f"{measure}_{self.label}"


def with_lifetime(days: Iterable[int]) -> tuple[Window, ...]:
    """Return the windows of these lengths, and the whole known history."""
    return (*(Window(length) for length in days), Window(None))


def windowed(
    events: ir.Table,
    keys: Sequence[str],
    windows: Sequence[Window],
    sums: Mapping[str, ir.Value],
    maxima: Mapping[str, ir.Value] = MappingProxyType({}),
) -> ir.Table:
    """Return sums and maxima over nested windows, one row per combination of the keys.

    Each event first goes to the narrowest window that holds it; the few rows that this leaves are
    then added up per window. Asking every event about every window takes several times longer.

    Args:
        events: rows with the keys and the column `ago`, days before the reference date.
        keys: what the rows are grouped by.
        windows: nested windows, rising, the lifetime last.
        sums: whole numbers by name, added up exactly as float64.
        maxima: values by name.

    Returns:
        Table with the keys, `recency` and `age` (smallest and largest `ago`), and per window
        `<name>_<window>`, 0 where nothing is inside, and `<name>_max_<window>`, then null.
    """
    import ibis

    limits = [window.days for window in windows if window.days is not None]
    inside = [(events.ago <= days, number) for number, days in enumerate(limits)]
    banded = events.mutate(band=ibis.cases(*inside, else_=len(limits)))
    apart = banded.group_by([*keys, "band"]).agg(
        recency=events.ago.min(),
        age=events.ago.max(),
        **{name: total(value) for name, value in sums.items()},
        **{f"{name}_max": value.max() for name, value in maxima.items()},
    )
    columns: dict[str, Any] = {"recency": apart.recency.min(), "age": apart.age.max()}
    for number, window in enumerate(windows):
        held = apart.band <= number
        # A product is added up twice as fast as a filtered column.
        share = held.cast("float64")
        for name in sums:
            columns[window.name(name)] = (apart[name].fill_null(0.0) * share).sum()
        for name in maxima:
            columns[window.name(f"{name}_max")] = apart[f"{name}_max"].max(where=held)
    return apart.group_by(list(keys)).agg(**columns)
