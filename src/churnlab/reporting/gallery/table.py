"""Pictures of the table: balance, ranges, correlation, missing values, churn rates."""

from __future__ import annotations

from functools import partial
from typing import Any

from churnlab.reporting.figures import rates, table
from churnlab.reporting.gallery.drawing import Drawing
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import column_title, count


def drawings(results: StudyResults) -> dict[str, Drawing]:
    """Return the drawings of the study's table, of the training part unless they say otherwise."""
    profile = results.profile()
    balance = profile["class_balance"]
    rows = sum(part["rows"] for part in balance.values())
    return {
        "class_balance": Drawing(
            "Class balance",
            "Who churned and who stayed.",
            partial(table.class_balance, balance),
        ),
        "missing_values": Drawing(
            "Missing values",
            f"In all {count(rows)} rows of both parts.",
            partial(table.missing_values, profile["missing"], rows),
        ),
        **_numeric(profile),
        **_rates(results, profile),
    }


def _numeric(profile: dict[str, Any]) -> dict[str, Drawing]:
    """Return what a table without numeric columns has no picture of."""
    if not profile["ranges"]:
        return {}
    columns, matrix = (profile["correlation"][part] for part in ("columns", "matrix"))
    return {
        "ranges": Drawing(
            "Ranges of the numeric columns",
            "Minimum to maximum (line), middle half (bar), median (stroke), mean (diamond).",
            partial(table.ranges, profile["ranges"]),
        ),
        "correlation": Drawing(
            "Correlation of the columns",
            "Pearson's r; numbers where it is at least 0.1 in size. Columns of two categories "
            "count as 0 and 1.",
            partial(table.correlation, columns, matrix),
        ),
    }


def _rates(results: StudyResults, profile: dict[str, Any]) -> dict[str, Drawing]:
    confidence = results.params.evaluate.confidence
    overall = profile["class_balance"]["train"]["churn_rate"]
    categories, quantiles = profile["churn_by_category"], profile["churn_by_quintile"]
    note = f"Bars with {100 * confidence:g} % Wilson intervals; dashed: all rows."
    many = rates.columns_with_many(categories)
    found = {
        "churn_by_category": Drawing(
            "Churn rate by category",
            note,
            partial(rates.by_category, categories, overall, confidence),
        ),
        **{
            f"churn_by_{name}": Drawing(
                f"Churn rate by {column_title(name).lower()}",
                note,
                partial(rates.by_many_categories, name, categories[name], overall, confidence),
            )
            for name in many
        },
        "churn_by_quantile": Drawing(
            "Churn rate by fifths of the numeric columns",
            f"Upper ends of the fifths below; equal values stay together. {note}",
            partial(rates.by_quantile, quantiles, overall, confidence),
        ),
    }
    few = len(categories) - len(many)
    empty = {"churn_by_category": not few, "churn_by_quantile": not quantiles}
    return {name: drawing for name, drawing in found.items() if not empty.get(name)}
