"""How a seller's events spread over the values of something: distinct ones, largest share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from churnlab.event_features.visibility import PAIR, as_of, total
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir


def mixture(
    facts: ir.Table, pairs: ir.Table, by: str, windows: Sequence[Window], measure: str
) -> ir.Table:
    """Return, per pair and window, how the counted events spread over the values of `by`.

    Args:
        facts: `seller`, `by`, `day`, `seen` (and `until`), and the column `count`.
        pairs: `seller` and `reference_day`, each pair once.
        by: the column whose values are told apart.
        windows: the windows.
        measure: the name of the results.

    Returns:
        Table with `seller`, `reference_day` and, per window, `<measure>_total`, `_distinct`,
        `_largest` (count of the most frequent value) and `_squares` (sum of squared counts).
    """
    joined = as_of(facts, pairs)
    each = windowed(joined, [*PAIR, by], windows, {"n": joined["count"]})
    columns: dict[str, Any] = {}
    for window in windows:
        count = each[window.name("n")]
        columns |= {
            window.name(f"{measure}_total"): count.sum(),
            window.name(f"{measure}_distinct"): total(count > 0),
            window.name(f"{measure}_largest"): count.max(),
            window.name(f"{measure}_squares"): (count * count).sum(),
        }
    return each.group_by(list(PAIR)).agg(**columns)
