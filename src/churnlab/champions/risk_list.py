"""The list of customers ordered by risk: whom to look at first, how sure, and what is at stake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnlab.evaluation.local_rates import LocalRates

REST = "low"
P_DIGITS, VALUE_DIGITS = 6, 2


@dataclass(frozen=True)
class Scored:
    """Customers with their scores, arrays of shape (customers,).

    Attributes:
        ids: of the customers, without a date.
        date: as of which they are scored, as 2018-09-01; empty where rows have no time.
        p: churn probabilities.
        value: what each is worth while staying, in the currency of the catalog's costs.
    """

    ids: np.ndarray
    date: str
    p: np.ndarray
    value: np.ndarray


def risk_list(
    scored: Scored, rates: LocalRates, groups: Mapping[str, float], versions: Mapping[str, str]
) -> pd.DataFrame:
    """Return the list, the highest probability first, equal ones by id; indexed by place in input.

    `p_low` to `p_high` is the interval of `local_rates`; `value_at_stake` is the expected loss, the
    probability times the value.

    Args:
        scored: the customers.
        rates: churn rates of customers scored alike.
        groups: the lowest probability of each risk group, falling; the rest is `low`.
        versions: columns that say what made the list, the same in every row.
    """
    low, high = rates.around(scored.p)
    found = pd.DataFrame(
        {
            "id": scored.ids,
            "date": scored.date,
            "p": scored.p,
            "p_low": low,
            "p_high": high,
            "risk_group": risk_group(scored.p, groups),
            "value": scored.value,
            "value_at_stake": scored.p * scored.value,
        }
    )
    digits = dict.fromkeys(("p", "p_low", "p_high"), P_DIGITS)
    digits |= dict.fromkeys(("value", "value_at_stake"), VALUE_DIGITS)
    # Ordered as written: differences that are not shown do not decide who comes first.
    found = found.round(digits).sort_values(["p", "id"], ascending=[False, True], kind="stable")
    found.insert(0, "rank", np.arange(1, len(found) + 1))
    return found.assign(**versions)


def risk_group(p: np.ndarray, groups: Mapping[str, float]) -> np.ndarray:
    """Return the name of the first group whose lowest probability each score reaches."""
    reached = [p >= lowest for lowest in groups.values()]
    return np.select(reached, list(groups), default=REST).astype(object)


def summary(listed: pd.DataFrame, groups: Mapping[str, float]) -> dict[str, Any]:
    """Return customers, expected churners and value at stake of every group and in all."""
    by_group = {name: listed[listed["risk_group"] == name] for name in (*groups, REST)}
    return {
        "date": str(listed["date"].iloc[0]),
        "groups": {name: _totals(rows) for name, rows in by_group.items()},
        "all": _totals(listed),
    }


def _totals(rows: pd.DataFrame) -> dict[str, float]:
    return {
        "customers": len(rows),
        "expected_churners": round(float(rows["p"].sum()), 1),
        "value_at_stake": round(float(rows["value_at_stake"].sum()), 2),
    }
