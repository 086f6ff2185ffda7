"""What a bundle reads: its columns, and the rules that a row must obey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal

import numpy as np

from churnlab.serving.faults import SHOWN, Fault, shown

Unknown = Literal["refuse", "accept"]


@dataclass(frozen=True)
class InputColumn:
    """One column of the bundle's schema.

    Attributes:
        name: as the catalog calls it.
        kind: `numeric`, `categorical` with levels that are known, or `code` with any.
        minimum, maximum: bounds that the catalog declares; None where there is none.
        integer: only whole numbers have a meaning.
        optional: a missing number is filled by the model.
        levels: of a categorical column.
    """

    name: str
    kind: Literal["numeric", "categorical", "code"]
    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    optional: bool = False
    levels: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether values are numbers."""
        return self.kind == "numeric"


@dataclass(frozen=True)
class InputSchema:
    """The columns of a bundle, and how strictly the service reads them.

    Attributes:
        columns: by name, in the order of the bundle.
        tolerance: share of a column's range by which a number may be beyond a bound; it counts as
            the bound.
        unknown: whether a category that training did not know is refused, or scored as none of
            those known.
    """

    columns: Mapping[str, InputColumn]
    tolerance: float = 0.0
    unknown: Unknown = "refuse"

    @classmethod
    def of(
        cls, document: Mapping[str, Any], tolerance: float = 0.0, unknown: Unknown = "refuse"
    ) -> InputSchema:
        """Return the schema of a bundle's `schema.json`."""
        return cls(
            {
                name: InputColumn(
                    name=name,
                    kind=entry["type"],
                    minimum=entry.get("min"),
                    maximum=entry.get("max"),
                    integer=bool(entry.get("integer")),
                    optional=entry.get("missing") == "filled",
                    levels=tuple(entry.get("categories", ())),
                )
                for name, entry in document["columns"].items()
            },
            tolerance,
            unknown,
        )

    def name_faults(self, names: Sequence[str], row: int | None = None) -> list[Fault]:
        """Return the columns that are missing, and those that no model reads."""
        unknown = [name for name in names if name not in self.columns]
        faults = [
            Fault(row, name, None, "missing" + _meant(name, unknown))
            for name, column in self.columns.items()
            if name not in names and not column.optional
        ]
        return faults + [
            Fault(row, shown(name), None, "not a column of this study" + _meant(name, self.columns))
            for name in unknown
        ]

    def settle(self, values: dict[str, np.ndarray]) -> list[Fault]:
        """Return what is wrong with the values, the first twenty, by row.

        Numbers within the tolerance beyond a bound are put on the bound, in place.

        Args:
            values: float64 or text by column, shape (rows,) each; NaN where a number is missing.
        """
        faults: list[Fault] = []
        odd = self._limits.odd(values)
        for name, column in self.columns.items():
            if column.numeric:
                if name in odd:
                    faults.extend(self._numbers(column, values))
            elif column.kind == "categorical" and self.unknown == "refuse":
                faults.extend(_levels(column, values[name]))
        return sorted(faults, key=lambda fault: fault.row or 0)[:SHOWN]

    @cached_property
    def _limits(self) -> _Limits:
        return _Limits.of([column for column in self.columns.values() if column.numeric])

    def _numbers(self, column: InputColumn, values: dict[str, np.ndarray]) -> Iterator[Fault]:
        numbers = values[column.name]
        finite = np.isfinite(numbers)
        if not finite.all():
            missing = np.isnan(numbers)
            yield from _faults(column.name, numbers, ~finite & ~missing, "not finite")
            if not column.optional:
                yield from _faults(column.name, numbers, missing, "missing")
        low, high = column.minimum, column.maximum
        room = self.tolerance * _span(low, high)
        for bound, beyond in ((low, np.less), (high, np.greater)):
            if bound is None or not (outside := beyond(numbers, bound)).any():
                continue
            near = outside & (np.abs(numbers - bound) <= room)
            if near.any():
                numbers = np.where(near, bound, numbers)
                values[column.name] = numbers
            rule = f"at {'least' if bound is low else 'most'} {bound:g}"
            yield from _faults(column.name, numbers, outside & ~near & finite, rule)
        if column.integer:
            broken = finite & (numbers != np.rint(numbers))
            yield from _faults(column.name, numbers, broken, "a whole number")


@dataclass(frozen=True)
class _Limits:
    """Bounds of all numeric columns, asked together: a look at each takes longer than a forest.

    Attributes:
        names: of the columns.
        low, high: shape (columns, 1).
        whole: where only whole numbers have a meaning, shape (columns, 1).
    """

    names: list[str]
    low: np.ndarray
    high: np.ndarray
    whole: np.ndarray

    @classmethod
    def of(cls, columns: Sequence[InputColumn]) -> _Limits:
        """Return the limits of numeric columns; without a bound every finite number is within."""
        most = np.finfo(np.float64).max
        low = [-most if column.minimum is None else column.minimum for column in columns]
        high = [most if column.maximum is None else column.maximum for column in columns]
        whole = [column.integer for column in columns]
        arrays = (np.array(one)[:, None] for one in (low, high, whole))
        return cls([column.name for column in columns], *arrays)

    def odd(self, values: Mapping[str, np.ndarray]) -> set[str]:
        """Return the columns with a number that is missing, beyond a bound or broken."""
        if not self.names:
            return set()
        numbers = np.array([values[name] for name in self.names])
        good = (numbers >= self.low) & (numbers <= self.high)
        good &= ~self.whole | (numbers == np.rint(numbers))
        if good.all():
            return set()
        return {self.names[place] for place in np.flatnonzero(~good.all(axis=1))}


def _span(low: float | None, high: float | None) -> float:
    if low is not None and high is not None:
        return high - low
    return abs(low or high or 0.0)


def _levels(column: InputColumn, values: np.ndarray) -> Iterator[Fault]:
    known = set(column.levels)
    if set(values.tolist()) <= known:
        return
    wrong = np.fromiter((value not in known for value in values), dtype=bool, count=len(values))
    listed = ", ".join(column.levels[:8]) + (", …" if len(column.levels) > 8 else "")
    yield from _faults(column.name, values, wrong, f"one of {listed}")


def _faults(name: str, values: np.ndarray, wrong: np.ndarray, rule: str) -> Iterator[Fault]:
    for row in np.flatnonzero(wrong)[:SHOWN].tolist():
        value = values[row]
        plain = value.item() if isinstance(value, np.generic) else value
        missing = isinstance(plain, float) and np.isnan(plain)
        yield Fault(row, name, None if missing else shown(plain), rule)


def _meant(name: str, names: Any) -> str:
    found = get_close_matches(name, list(names), n=1)
    return f"; is '{found[0]}' meant?" if found else ""
