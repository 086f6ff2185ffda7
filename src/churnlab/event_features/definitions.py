"""What a feature is called, what it means, and the expression that gives it: one definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import ibis.expr.types as ir

Empty = Literal["zero", "missing"]


@dataclass(frozen=True)
class Feature:
    """The public record of a feature.

    `window` is in days, `life` for the whole known history, or `now` for a state at the date.
    `empty` is the value where nothing is there to compute it from.
    """

    name: str
    family: str
    window: str
    unit: str
    description: str
    empty: Empty


@dataclass(frozen=True)
class Definition:
    """A feature and how it follows from the sums of its family, one row per pair."""

    feature: Feature
    value: Callable[[ir.Table], Any]


@dataclass(frozen=True)
class Maker:
    """Makes the definitions of one family, so that each line says only what differs."""

    family: str
    window: str = "now"
    words: str = ""

    def number(
        self, name: str, unit: str, description: str, value: str, per_unit: int = 1
    ) -> Definition:
        """Return the feature that is a column of sums, divided by `per_unit`; 0 where empty."""
        return self._made(
            name, unit, description, "zero", lambda t: t[value].cast("float64") / per_unit
        )

    def state(
        self, name: str, unit: str, description: str, value: str, per_unit: int = 1
    ) -> Definition:
        """Return the same, missing where empty."""
        return self._made(
            name, unit, description, "missing", lambda t: t[value].cast("float64") / per_unit
        )

    def ratio(
        self, name: str, unit: str, description: str, over: str, under: str, per_unit: int = 1
    ) -> Definition:
        """Return the ratio of two columns of sums, missing where the lower one is 0."""
        return self._made(
            name, unit, description, "missing", lambda t: divided(t[over], t[under], per_unit)
        )

    def formula(
        self, name: str, unit: str, description: str, value: Callable[[ir.Table], Any]
    ) -> Definition:
        """Return a feature with an expression of its own, missing where that is null."""
        return self._made(name, unit, description, "missing", value)

    def _made(
        self,
        name: str,
        unit: str,
        description: str,
        empty: Empty,
        value: Callable[[ir.Table], Any],
    ) -> Definition:
        ending = "" if self.window == "now" else f"_{self.window}"
        said = f"{description} {self.words}".strip()
        feature = Feature(
            f"{self.family}_{name}{ending}", self.family, self.window, unit, said, empty
        )
        return Definition(feature, value)


def divided(over: ir.Value, under: ir.Value, per_unit: int = 1) -> ir.Value:
    """Return a float64 ratio, null where `under` is 0: engines differ in what x / 0 is."""
    return over.cast("float64") / (under.cast("float64") * float(per_unit)).nullif(0.0)
