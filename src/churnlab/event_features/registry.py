"""Every feature by name, and which families the present tables allow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict

from churnlab.config.further import FurtherTable
from churnlab.errors import ChurnlabError
from churnlab.event_features.definitions import Feature
from churnlab.event_features.families.customers import CUSTOMERS
from churnlab.event_features.families.delivery import FREIGHT, LATENESS
from churnlab.event_features.families.family import Family
from churnlab.event_features.families.market import MARKET
from churnlab.event_features.families.payments import PAYMENTS
from churnlab.event_features.families.products import PRODUCTS
from churnlab.event_features.families.reviews import REVIEWS
from churnlab.event_features.families.rhythm import RHYTHM
from churnlab.event_features.families.sales import SALES
from churnlab.event_features.further import further_families
from churnlab.event_features.windows import with_lifetime

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


class LeftOut(TypedDict):
    """A part of a family that cannot be computed, and the tables that it lacks."""

    family: str
    part: str
    missing: list[str]


def families_of(declared: Mapping[str, FurtherTable]) -> list[Family]:
    """Return the families of the event tables, then one for each declared further table.

    Raises:
        ChurnlabError: a further table has the name of a family, so features would share names.
    """
    known = {family.name for family in FAMILIES}
    if taken := [name for name in declared if name in known]:
        raise ChurnlabError(
            f"further.{taken[0]}: {', '.join(sorted(known))} are names of families of features; "
            "call the table otherwise"
        )
    return [*FAMILIES, *further_families(declared)]


def computable(families: Sequence[Family], tables: Collection[str]) -> list[Family]:
    """Return the families whose tables are all there."""
    return [family for family in families if not _missing(family, tables)]


def left_out(families: Sequence[Family], tables: Collection[str]) -> list[LeftOut]:
    """Return family, part and missing tables of what cannot be computed."""
    return [
        {"family": family.name, "part": family.part, "missing": _missing(family, tables)}
        for family in families
        if _missing(family, tables)
    ]


def _missing(family: Family, tables: Collection[str]) -> list[str]:
    return [table for table in family.needs if table not in tables]


def registry(window_days: Sequence[int], families: Sequence[Family] = FAMILIES) -> list[Feature]:
    """Return every feature of the families, in the order of the columns."""
    windows = with_lifetime(window_days)
    return [made.feature for family in families for made in family.definitions(windows)]
