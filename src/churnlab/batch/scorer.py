"""What a version says of rows: probabilities, how sure they are, and what follows from them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churnlab.batch.checks import check_names, refusal, violations
from churnlab.champions.bundle import BundledModel
from churnlab.champions.risk_list import risk_group
from churnlab.errors import ChurnlabError
from churnlab.evaluation.local_rates import LocalRates

# In the order in which they follow the columns that the model does not read.
ANSWERS = ("p", "p_low", "p_high", "churn", "risk_group", "model_version", "date")


@dataclass(frozen=True)
class Scorer:
    """A version, and what is asked of it.

    Attributes:
        model: its bundle.
        groups: the lowest probability of each risk group, falling; the rest is `low`.
        date: as of which rows are scored.
    """

    model: BundledModel
    groups: Mapping[str, float]
    date: datetime.date

    @classmethod
    def load(cls, bundle: Path, groups: Mapping[str, float], date: datetime.date) -> Scorer:
        """Return the scorer by a bundle whose files are as its manifest states.

        Raises:
            ChurnlabError: a file of the bundle is missing or altered.
        """
        return cls(BundledModel.load(bundle), groups, date)

    @cached_property
    def version(self) -> str:
        """The beginning of the hash of the bundle's manifest."""
        return self.model.version

    @cached_property
    def champion(self) -> str:
        """The name of the model inside the bundle."""
        return str(self.model.document("card")["champion"])

    @cached_property
    def threshold(self) -> float:
        """The probability from which on a customer counts as leaving."""
        return float(self.model.document("card")["threshold"])

    @cached_property
    def columns(self) -> dict[str, Any]:
        """What the model reads, as `schema.json` says it."""
        return dict(self.model.document("schema")["columns"])

    @cached_property
    def rates(self) -> LocalRates:
        """Churn rates of customers scored alike."""
        document = self.model.document("rates")
        return LocalRates(*(np.array(document[name]) for name in ("p", "low", "high")))

    def check_names(self, names: list[str], where: str) -> None:
        """Raise when a column is missing, or would be written twice.

        Raises:
            ChurnlabError: names the columns.
        """
        check_names(names, self.columns, where)
        if taken := [name for name in names if name in ANSWERS and name not in self.columns]:
            raise ChurnlabError(
                f"{where}: column '{taken[0]}': the scores have a column of this name; rename it"
            )

    def answers(self, rows: pd.DataFrame) -> dict[str, Any]:
        """Return the columns of `ANSWERS` for rows that obey the schema."""
        p = self.model.predict(rows) if len(rows) else np.empty(0)
        low, high = self.rates.around(p)
        churn, group = p >= self.threshold, risk_group(p, self.groups)
        repeated = ([value] * len(rows) for value in (self.version, self.date))
        return dict(zip(ANSWERS, (p, low, high, churn, group, *repeated), strict=True))

    def frame(self, rows: pd.DataFrame, where: str, first: int) -> pd.DataFrame:
        """Return what the model does not read of `rows`, and the answers.

        Raises:
            ChurnlabError: a row cannot be scored; numbers are counted from `first` on.
        """
        if found := violations(rows, self.columns):
            raise refusal(found, where, first, len(rows))
        kept = [name for name in rows if name not in self.columns]
        return rows[kept].assign(**self.answers(rows))
