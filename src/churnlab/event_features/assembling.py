"""All families side by side: one row per seller and reference date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from churnlab.event_features.definitions import Definition, Empty
from churnlab.event_features.families.family import Family
from churnlab.event_features.tables import Events
from churnlab.event_features.visibility import PAIR

if TYPE_CHECKING:
    import ibis.expr.types as ir


def assemble(events: Events, families: Sequence[Family]) -> ir.Table:
    """Return `seller_id`, `reference_day`, `active` and the features, float64, in registry order.

    Where a pair has nothing to compute a feature from, it is 0 or null as its definition says.
    """
    table = events.pairs
    columns: dict[str, Empty] = {}
    for family in families:
        definitions = family.definitions(events.windows)
        found = family_features(events, family, definitions)
        keys = [table[name] == found[name] for name in PAIR]
        table = table.left_join(found, keys, rname=f"{{name}}_{len(columns)}")
        columns |= {d.feature.name: d.feature.empty for d in definitions}
    # One select at the end: the engines plan joins of many columns faster without one in between.
    filled = {
        name: table[name].fill_null(0.0) if empty == "zero" else table[name]
        for name, empty in columns.items()
    }
    named = table.select(*events.pairs.columns, **filled).inner_join(events.sellers, "seller")
    return named.relocate("seller_id").drop("seller")


def family_features(events: Events, family: Family, definitions: Sequence[Definition]) -> ir.Table:
    """Return `seller`, `reference_day` and the features of one family, where it has any."""
    summed = family.sums(events)
    values = {d.feature.name: d.value(summed).cast("float64") for d in definitions}
    return summed.select(*PAIR, **values).cache()
