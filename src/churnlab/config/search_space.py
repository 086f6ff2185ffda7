"""One dimension of a search space: a list of choices, a range, or a fixed value."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import AfterValidator

from churnlab.config.validation import number_hint, suggestion

RANGE_KEYS = ("low", "high", "step", "log")


def _checked(entry: Any) -> Any:
    if isinstance(entry, dict):
        return _checked_range(entry)
    if isinstance(entry, list):
        if not entry:
            raise ValueError("an empty list leaves nothing to choose; list at least one value")
        if len({repr(value) for value in entry}) < len(entry):
            raise ValueError(f"a choice is listed twice in {entry}; list it once")
    for value in entry if isinstance(entry, list) else [entry]:
        if not isinstance(value, str | int | float):
            raise ValueError(f"{value!r} is not a number or a text; write one")
    return entry


def _checked_range(entry: dict[str, Any]) -> dict[str, Any]:
    for key in entry:
        if key not in RANGE_KEYS:
            raise ValueError(f"unknown key '{key}'; {suggestion(key, RANGE_KEYS)}")
    for key in ("low", "high"):
        if key not in entry:
            raise ValueError(f"the key '{key}' is missing; a range has low and high")
    if not isinstance(entry.get("log", False), bool):
        raise ValueError(f"log: {entry['log']!r} is not allowed; write true or false")
    for key in ("low", "high", "step"):
        if key in entry and not _is_number(entry[key]):
            raise ValueError(
                f"{key}: {entry[key]!r} is not a finite number; write one"
                f"{number_hint(entry[key], 'float_type')}"
            )
    _check_order(entry)
    return entry


def _check_order(entry: dict[str, Any]) -> None:
    low, high, log = entry["low"], entry["high"], entry.get("log", False)
    if low >= high:
        raise ValueError(f"low {low} is not below high {high}; exchange them or give one value")
    if entry.get("step", 1) <= 0:
        raise ValueError(f"step: {entry['step']} is not above 0")
    if log and low <= 0:
        raise ValueError(f"low: {low} is not above 0, which log: true needs")
    if log and "step" in entry:
        raise ValueError("log: true and step exclude each other; keep one of the two")
    if isinstance(low, int) and isinstance(high, int) and not isinstance(entry.get("step", 1), int):
        raise ValueError(f"step: {entry['step']} is not whole, but low and high are; write 1 or 2")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


Dimension = Annotated[Any, AfterValidator(_checked)]
