"""Words and digits for people: metrics, models, columns, numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
FIXED_SPACE = "\N{NO-BREAK SPACE}"
METRIC_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "roc_auc": "ROC AUC",
        "average_precision": "Average precision",
        "log_loss": "Log loss",
        "brier": "Brier score",
        "ece": "Calibration error (ECE)",
        "f1": "F1",
        "precision": "Precision",
        "recall": "Recall",
        "accuracy": "Accuracy",
        "f1_at_half": "F1 at 0.5",
        "accuracy_at_half": "Accuracy at 0.5",
        "top_decile_lift": "Top-decile lift",
        "empc": "Expected max. profit (EMPC)",
    }
)
LOWER_IS_BETTER = frozenset({"log_loss", "brier", "ece"})
MAIN_METRICS = ("log_loss", "roc_auc", "average_precision", "f1", "accuracy")
FAMILY_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "rf": "Random Forest",
        "xgb": "XGBoost",
        "mlp": "MLP",
        "catboost": "CatBoost",
        "lightgbm": "LightGBM",
        "logistic": "Logistic regression",
        "blend": "Blend",
    }
)
# Metrics that are amounts, not shares, need fewer decimals to say as much.
_DECIMALS = {"empc": 2, "top_decile_lift": 2}
_BASELINE = "_baseline"
_TAIL_SHOWN = 0.001
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])")
_BAND = re.compile(r"\[(-?[\d.]+), (-?[\d.]+)\)")


def metric_title(name: str) -> str:
    """Return the name of a metric for people."""
    return METRIC_TITLES.get(name, name.replace("_", " "))


def family_of(model: str) -> str:
    """Return the family of a model: `rf` for `rf_baseline`."""
    return model.removesuffix(_BASELINE)


def is_baseline(model: str) -> bool:
    """Return whether a model has its library's defaults."""
    return model.endswith(_BASELINE)


def model_title(model: str) -> str:
    """Return the name of a model for people."""
    family = family_of(model)
    title = FAMILY_TITLES.get(family) or column_title(family)
    return f"{title}, defaults" if is_baseline(model) else title


def main_metrics(primary: str) -> tuple[str, ...]:
    """Return the metrics of a short table, the primary one first."""
    return tuple(dict.fromkeys((primary, *MAIN_METRICS)))


def column_title(name: str) -> str:
    """Return a column's name in words: `EstimatedSalary` and `estimated_salary` read alike."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").strip()
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in spaced.split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def category_title(category: str, column: str) -> str:
    """Return a category without the column's name in front: `408` for `area_code_408`."""
    return category.removeprefix(f"{column}_") or category


def condition_title(condition: str, columns: Iterable[str]) -> str:
    """Return a condition on columns (`total_day_minutes <= 3`) in words."""
    for name in sorted(columns, key=len, reverse=True):
        condition = re.sub(rf"\b{re.escape(name)}_(?=\w)", "", condition)
        condition = re.sub(rf"\b{re.escape(name)}\b", column_title(name).lower(), condition)
    condition = _NUMBER.sub(lambda found: compact(float(found.group())), condition)
    return condition.replace("<=", "≤").replace(">=", "≥")


def group_title(group: str) -> str:
    """Return the name of a group; a band `[30.0, 40.0)` in words."""
    band = _BAND.fullmatch(group)
    if band is None:
        return group
    low, high = (compact(float(edge)) for edge in band.groups())
    return f"{low} to below {high}"


def range_text(low: float | None, high: float | None) -> str:
    """Return two shares as percentages with a dash between them."""
    if low is None or high is None:
        return DASH
    return f"{number(100 * low, 1)}{DASH}{percent(high)}"


def metric_text(metric: str, value: float | None) -> str:
    """Return the value of a metric with as many digits as mean something."""
    return number(value, _DECIMALS.get(metric, 3))


def interval_text(metric: str, interval: Mapping[str, float]) -> str:
    """Return the bounds of an interval with a dash between them."""
    return DASH.join(metric_text(metric, interval[bound]) for bound in ("low", "high"))


def number(value: float | None, decimals: int = 3) -> str:
    """Return a number with fixed decimals; a dash where there is none, a true minus sign."""
    if value is None or math.isnan(value):
        return DASH
    text = f"{value:,.{decimals}f}"
    return text.replace("-", MINUS) if float(text.replace(",", "")) else text.lstrip("-")


def signed(value: float | None, decimals: int = 3) -> str:
    """Return a difference with its sign."""
    text = number(value, decimals)
    return text if value is None or text[0] in MINUS + DASH else f"+{text}"


def percent(share: float | None, decimals: int = 1) -> str:
    """Return a share as a percentage."""
    return DASH if share is None else f"{number(100 * share, decimals)}{FIXED_SPACE}%"


def count(value: float) -> str:
    """Return a whole number with thousands separated."""
    return f"{value:,.0f}"


def p_value(value: float | None) -> str:
    """Return a p-value to three decimals, and small ones as what they are below."""
    if value is None:
        return DASH
    return "< 0.001" if value < _TAIL_SHOWN else number(value, 3)


def compact(value: float) -> str:
    """Return a number of any size with at most three significant digits where it has decimals."""
    if abs(value) >= 1000:
        return count(value).replace("-", MINUS)
    return f"{value:.3g}".replace("-", MINUS)
