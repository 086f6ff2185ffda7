"""A role for every column, and what a person should look at before anything is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnlab.config.catalog_rules import RESERVED
from churnlab.config.column import Role
from churnlab.data.columns import missing_texts
from churnlab.data.dates import days_since_epoch
from churnlab.data.leakage import MANY_LEVELS, SEPARATING_AUC
from churnlab.data.separation import Separation, held_out_separation, separation
from churnlab.errors import ChurnlabError
from churnlab.onboarding.kinds import Kind, kind_of
from churnlab.onboarding.names import numbers_customers, privacy_of

# Short of a leak, and yet more than a column usually knows by itself.
STRIKING_AUC = 0.9


@dataclass(frozen=True)
class Asked:
    """What the person said of the table: names of columns, and the value of churners."""

    target: str
    id: str | None = None
    time: str | None = None
    positive: str | None = None


@dataclass(frozen=True)
class Proposed:
    """One column: what it holds, the role that it gets, why, and what to check."""

    name: str
    kind: Kind
    role: Role
    reason: str = ""
    check: str = ""

    def entry(self) -> dict[str, Any]:
        """Return the column's entry of the catalog."""
        privacy = {"target": "label", "identifier": "identifier"}.get(self.role)
        type_, entries = self.kind.type, dict(self.kind.entries)
        if self.role in {"target", "time"}:
            entries.pop("missing", None)
        return {
            "type": type_,
            "role": self.role,
            "privacy": privacy or privacy_of(self.name),
            "description": f"As published ({self.kind.summary})",
            **entries,
        }


def proposed_columns(texts: pd.DataFrame, asked: Asked, churned: np.ndarray) -> list[Proposed]:
    """Return a role for every column of a table.

    Args:
        texts: all fields as text.
        asked: what the person said.
        churned: 0/1, shape (rows,).
    """
    return [_proposed(texts[name], asked, churned) for name in map(str, texts.columns)]


def _proposed(texts: pd.Series, asked: Asked, churned: np.ndarray) -> Proposed:
    name = str(texts.name)
    if name == asked.target:
        levels = sorted(texts.unique())
        kind = Kind("categorical", f"{levels[0]} or {levels[1]}", 2, 0, {"categories": levels})
        return Proposed(name, kind, "target")
    kind = kind_of(texts)
    if name == asked.id:
        return Proposed(name, _as_identifier(kind, texts), "identifier", "numbers the customers")
    if name == asked.time:
        return Proposed(name, _as_time(kind, name), "time", "time of prediction", kind.check)
    role, reason = _unseen(name, kind)
    if role is not None:
        return Proposed(name, _unread(kind), role, reason)
    return _judged(name, kind, texts, churned)


def _unseen(name: str, kind: Kind) -> tuple[Role | None, str]:
    """Return the role of a column that says nothing about behaviour, by its look or its name."""
    privacy = privacy_of(name)
    numbered = kind.levels > MANY_LEVELS and kind.type != "date" and numbers_customers(name)
    reasons: tuple[tuple[bool, Role, str], ...] = (
        (kind.levels == 0, "unused", "is empty"),
        (kind.levels == 1 and not kind.missing, "unused", "has one value in all rows"),
        (privacy == "identifier", "identifier", "by its name says who the customer is"),
        (kind.free, "unused", "is free text, which these models do not read"),
        (privacy == "sensitive", "unused", "by its name is sensitive data (LGPD art. 11)"),
        (kind.unique, "identifier", "has its own value in nearly every row"),
        (numbered, "identifier", "by its name numbers something"),
    )
    return next(((role, reason) for holds, role, reason in reasons if holds), (None, ""))


def _judged(name: str, kind: Kind, texts: pd.Series, churned: np.ndarray) -> Proposed:
    found = separation_of(texts, kind, churned)
    if found.auc >= SEPARATING_AUC or found.agreement == 1.0:
        reason = f"by itself tells who churned (AUC {found.auc:.3f})"
        return Proposed(name, kind, "leak", reason)
    if name in RESERVED:
        raise ChurnlabError(
            f"column '{name}': the pipeline's own tables have a column of this name "
            f"({', '.join(RESERVED)}); rename it in the file"
        )
    check = kind.check
    if found.auc >= STRIKING_AUC:
        check = f"tells much by itself (AUC {found.auc:.3f}): known before the outcome? {check}"
    return Proposed(name, kind, "input", "", check.strip())


def separation_of(texts: pd.Series, kind: Kind, churned: np.ndarray) -> Separation:
    """Return how well one column alone tells the classes apart, missing values included."""
    absent = missing_texts(texts)
    if kind.type not in {"numeric", "date"}:
        judge = held_out_separation if kind.levels > MANY_LEVELS else separation
        return judge(texts.mask(absent, ""), churned)
    if kind.type == "date":
        values = pd.Series(days_since_epoch(texts.str.strip(), kind.entries["format"]))
    else:
        values = pd.to_numeric(texts.str.strip().mask(absent))
    return separation(values.astype(float), churned)


def _unread(kind: Kind) -> Kind:
    """Return the kind as plain text, of which the catalog checks nothing."""
    return Kind("text", kind.summary, kind.levels, kind.missing)


def _as_identifier(kind: Kind, texts: pd.Series) -> Kind:
    whole = kind.type == "numeric" and kind.entries.get("integer") and not kind.missing
    # More digits than 64 bits hold, and 1e3 or 1.0, are identifiers only as text.
    if whole and texts.str.strip().str.fullmatch(r"\d{1,18}").all():
        return Kind("numeric", kind.summary, kind.levels, 0, {"integer": True})
    return _unread(kind)


def _as_time(kind: Kind, name: str) -> Kind:
    if kind.type != "date" or kind.missing:
        what = f"has {kind.missing:,} rows without one" if kind.missing else "holds no dates"
        raise ChurnlabError(
            f"--time '{name}': the column {what} ({kind.summary}); it must say in every row at "
            "which date the prediction is made, such as 2024-06-30"
        )
    return kind
