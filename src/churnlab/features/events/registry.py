"""Every feature by name, and which families the present tables allow."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from churnlab.features.events.definitions import Feature
from churnlab.features.events.families.family import Family
from churnlab.features.events.families.customers import CUSTOMERS
from churnlab.features.events.families.delivery import FREIGHT, LATENESS
from churnlab.features.events.families.market import MARKET
from churnlab.features.events.families.payments import PAYMENTS
from churnlab.features.events.families.products import PRODUCTS
from churnlab.features.events.families.reviews import REVIEWS
from churnlab.features.events.families.rhythm import RHYTHM
from churnlab.features.events.families.sales import SALES
from churnlab.features.events.windows import with_lifetime

FAMILIES: tuple[Family, ...] = (
    SALES,
    RHYTHM,
    PAYMENTS,
    CUSTOMERS,
    PRODUCTS,
    FREIGHT,
    LATENESS,
    REVIEWS,
    MARKET,
)


def computable(tables: Collection[str]) -> list[Family]:
    """Return the families whose tables are all there."""
    return [family for family in FAMILIES if not missing_tables(family, tables)]


def left_out(tables: Collection[str]) -> dict[str, list[str]]:
    """Return the families that cannot be computed, with the tables that each lacks."""
    lacking = {family.name: missing_tables(family, tables) for family in FAMILIES}
    return {name: missing for name, missing in lacking.items() if missing}


def missing_tables(family: Family, tables: Collection[str]) -> list[str]:
    """Return the tables that a family needs and that are not there."""
    return [table for table in family.needs if table not in tables]


def registry(window_days: Sequence[int], families: Sequence[Family] = FAMILIES) -> list[Feature]:
    """Return every feature of the families, in the order of the columns."""
    windows = with_lifetime(window_days)
    return [made.feature for family in families for made in family.definitions(windows)]
