"""Search spaces as params.yaml writes them, asked of an Optuna trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna import Trial


def suggest(trial: Trial, space: Mapping[str, Any]) -> dict[str, Any]:
    """Return one parameter set.

    A list is a choice; `{low, high, log, step}` is a range, of integers when `low` and `high` are;
    anything else is a fixed value.
    """
    return {name: _suggest_one(trial, name, entry) for name, entry in space.items()}


def _suggest_one(trial: Trial, name: str, entry: Any) -> Any:
    if isinstance(entry, list | tuple):
        return trial.suggest_categorical(name, list(entry))
    if not isinstance(entry, Mapping):
        return entry
    low, high, step = entry["low"], entry["high"], entry.get("step")
    log = bool(entry.get("log", False))
    if isinstance(low, int) and isinstance(high, int):
        return trial.suggest_int(name, low, high, step=step or 1, log=log)
    return trial.suggest_float(name, low, high, step=step, log=log)
