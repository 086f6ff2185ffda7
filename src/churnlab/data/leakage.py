"""Leakage findings: each with a code, a column, evidence, a cause and a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from churnlab.config import Catalog
from churnlab.data.correlation import correlated_pairs, correlation_matrix, correlation_view
from churnlab.data.schema import outcome
from churnlab.data.separation import held_out_separation, separation

# handled: the catalog already keeps the column away from models.
Severity = Literal["error", "warning", "handled", "note"]
SEPARATING_AUC = 0.99
UNIQUE_SHARE = 0.99
CONSTANT_SHARE = 0.99
# With more values than this, a text tells single rows apart in the rows that it was counted on.
MANY_LEVELS = 100


@dataclass(frozen=True)
class Finding:
    """One finding; `evidence` is the number that `measure` names."""

    code: str
    name: str
    severity: Severity
    column: str
    measure: str
    evidence: float
    cause: str
    remedy: str


def leakage_report(
    train: pd.DataFrame, test: pd.DataFrame, catalog: Catalog, correlation_threshold: float
) -> dict[str, Any]:
    """Return the findings on all published columns, as plain data for JSON.

    `train` and `test` hold every published column, also those that the catalog keeps from models:
    the report shows why it does. Evidence comes from the training part, save for duplicates across
    the split.
    """
    y = outcome(train, catalog)
    findings = [
        *_identifiers(train, catalog),
        *_separating(train, y, catalog),
        *_duplicates(train, test, catalog),
        *_constants(train, catalog),
        *_correlated(train, catalog, correlation_threshold),
        *_late(train, catalog),
    ]
    severities = [finding.severity for finding in findings]
    undated = {
        "dated_after_prediction": "the catalog declares no dates, so nothing can be dated late"
    }
    return {
        "findings": [asdict(finding) for finding in findings],
        "counts": {name: severities.count(name) for name in sorted(set(severities))},
        "not_applicable": {} if _dates(catalog) else undated,
    }


def _identifiers(train: pd.DataFrame, catalog: Catalog) -> Iterator[Finding]:
    for name, column in catalog.columns.items():
        share = train[name].nunique() / len(train)
        if column.role == "identifier":
            yield Finding(
                "L001",
                "identifier",
                "handled",
                name,
                "share of distinct values",
                share,
                "It says who the customer is, not how the customer behaves.",
                "None needed: the catalog declares role: identifier and models never see it.",
            )
        elif column.role == "input" and share >= UNIQUE_SHARE and _countable(train[name]):
            yield Finding(
                "L002",
                "suspected_identifier",
                "warning",
                name,
                "share of distinct values",
                share,
                "Nearly every row has its own value, as a customer number has.",
                f"Set columns.{name}.role: identifier in the catalog if it numbers customers.",
            )


def _countable(values: pd.Series) -> bool:
    """Tell a number of a customer from a measured quantity, which is nearly unique as well."""
    if not pd.api.types.is_numeric_dtype(values):
        return True
    return bool((values == values.round()).all())


def _separating(train: pd.DataFrame, y: np.ndarray, catalog: Catalog) -> Iterator[Finding]:
    for name, column in catalog.columns.items():
        if column.role not in {"input", "leak"}:
            continue
        many = not column.is_number and train[name].nunique() > MANY_LEVELS
        found = (held_out_separation if many else separation)(train[name], y)
        if found.auc < SEPARATING_AUC and found.agreement < 1.0:
            continue
        copy = found.agreement == 1.0
        yield Finding(
            "L004" if copy else "L003",
            "target_copy" if copy else "separates_classes",
            "handled" if column.role == "leak" else "error",
            name,
            "agreement with the target",
            found.agreement,
            f"By itself it tells who left (AUC {found.auc:.4f}), so it is known only afterwards.",
            "None needed: the catalog declares role: leak and models never see it."
            if column.role == "leak"
            else f"Set columns.{name}.role: leak in data/catalog/{catalog.name}.yaml.",
        )


def _dates(catalog: Catalog) -> list[str]:
    dated = [name for name, column in catalog.columns.items() if column.type == "date"]
    return [name for name in dated if name != catalog.time]


def _late(train: pd.DataFrame, catalog: Catalog) -> Iterator[Finding]:
    for name in _dates(catalog):
        share = float((train[name] < 0).mean())
        role = catalog.columns[name].role
        if not share or role not in {"input", "leak"}:
            continue
        yield Finding(
            "L008",
            "dated_after_prediction",
            "warning" if role == "input" else "handled",
            name,
            "share of rows dated after the prediction",
            share,
            "What happens after the time of prediction cannot be known at that time.",
            "None needed: the catalog declares role: leak and models never see it."
            if role == "leak"
            else f"Set columns.{name}.role: leak, unless it is a plan that was known before.",
        )


def _duplicates(train: pd.DataFrame, test: pd.DataFrame, catalog: Catalog) -> Iterator[Finding]:
    known = train[catalog.inputs].drop_duplicates()
    repeated = len(test[catalog.inputs].merge(known, how="inner", on=catalog.inputs))
    if repeated:
        yield Finding(
            "L005",
            "duplicates_across_split",
            "warning",
            "all inputs",
            "test rows that also are training rows",
            repeated,
            "A model can know these test rows by heart, which flatters every metric.",
            "Remove the copies from the file, or split so that they stay together.",
        )


def _constants(train: pd.DataFrame, catalog: Catalog) -> Iterator[Finding]:
    for name in catalog.inputs:
        share = float(train[name].value_counts(normalize=True, dropna=False).iloc[0])
        if share >= CONSTANT_SHARE:
            yield Finding(
                "L006",
                "nearly_constant",
                "warning",
                name,
                "share of the most frequent value",
                share,
                "Hardly any row differs, so it teaches little and may point to a broken export.",
                f"Check the column; remove it by another columns.{name}.role if it is void.",
            )


def _correlated(train: pd.DataFrame, catalog: Catalog, threshold: float) -> Iterator[Finding]:
    matrix = correlation_matrix(correlation_view(train, catalog))
    for pair in correlated_pairs(matrix, threshold):
        numeric = all(catalog.columns[x].is_number for x in (pair.first, pair.second))
        yield Finding(
            "L007",
            "correlated_columns",
            "handled" if numeric else "note",
            f"{pair.first}, {pair.second}",
            "Pearson's r",
            pair.r,
            "The two say nearly the same.",
            "None needed: preparation drops the later of two numeric columns."
            if numeric
            else "None needed: a category is kept beside the number that follows from it.",
        )
