"""Whether who sends rows to one version can send the same rows to another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Columns = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class SchemaChange:
    """What is different, in words.

    Attributes:
        added: inputs that callers have to send as well.
        narrower: what callers may send to the first version and not to the second.
        wider: what only the second takes.
    """

    added: tuple[str, ...]
    narrower: tuple[str, ...]
    wider: tuple[str, ...]

    def __str__(self) -> str:
        parts = {"new": self.added, "no longer": self.narrower, "also": self.wider}
        said = [f"{name}: {', '.join(items)}" for name, items in parts.items() if items]
        return "; ".join(said) or "the same inputs"


def schema_change(first: Mapping[str, Any], second: Mapping[str, Any]) -> SchemaChange:
    """Return how the inputs and the output of the second schema differ from those of the first."""
    one, two = first["columns"], second["columns"]
    narrower, wider = [name for name in one if name not in two], []
    for name in one:
        if name in two:
            less, more = _column(name, one[name], two[name])
            narrower += less
            wider += more
    if first["output"] != second["output"]:
        narrower.append(f"output {first['output']}")
    added = [name for name in two if name not in one]
    return SchemaChange(tuple(added), tuple(narrower), tuple(wider))


def _column(
    name: str, one: Mapping[str, Any], two: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Return what a column takes no longer, and what it takes besides."""
    kinds = [(column["type"], column.get("integer"), column.get("unit")) for column in (one, two)]
    if kinds[0] != kinds[1]:
        return [f"{name} as {_kind(one)}"], []
    less, more = _options(name, _range(one), _range(two))
    if "missing" in one and "missing" not in two:
        less.append(f"{name}: missing values")
    if "missing" in two and "missing" not in one:
        more.append(f"{name}: missing values")
    old, new = (list(column.get("categories", [])) for column in (one, two))
    less += [f"{name}={level}" for level in old if level not in new]
    more += [f"{name}={level}" for level in new if level not in old]
    return less, more


def _range(column: Mapping[str, Any]) -> tuple[float, float]:
    low, high = column.get("min"), column.get("max")
    return -math.inf if low is None else low, math.inf if high is None else high


def _options(
    name: str, one: tuple[float, float], two: tuple[float, float]
) -> tuple[list[str], list[str]]:
    """Return what one range has and another lacks, and the other way round."""
    below, above = f"{name} below {max(one[0], two[0]):g}", f"{name} above {min(one[1], two[1]):g}"
    less = [*([below] if one[0] < two[0] else []), *([above] if one[1] > two[1] else [])]
    more = [*([below] if two[0] < one[0] else []), *([above] if two[1] > one[1] else [])]
    return less, more


def _kind(column: Mapping[str, Any]) -> str:
    words = ["integer"] if column.get("integer") else []
    unit = [f"in {column['unit']}"] if column.get("unit") else []
    return " ".join([*words, column["type"], *unit])
