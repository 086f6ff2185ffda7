"""Pictures of the churn rate by category and by quantile, with Wilson intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from churnlab.evaluation.intervals import wilson_interval
from churnlab.reporting import style
from churnlab.reporting.wording import category_title, column_title, compact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rates = Sequence[Mapping[str, Any]]
"""Groups with `churn_rate`, `rows`, and `category` or `low` and `high`."""

MANY = 12


def by_category(found: Mapping[str, Rates], overall: float, confidence: float) -> Figure:
    """Draw the churn rate per category of every column with at most 12 categories."""
    few = {name: rates for name, rates in found.items() if len(rates) <= MANY}
    figure, axes = style.grid_of(len(few), 4, 2.5, sharey=True)
    for panel, (name, rates) in zip(axes, few.items(), strict=True):
        words = [category_title(str(rate["category"]), name).capitalize() for rate in rates]
        _rates(panel, column_title(name), words, rates, overall, confidence)
    return figure


def by_many_categories(name: str, rates: Rates, overall: float, confidence: float) -> Figure:
    """Draw the churn rate per category of one column with many, highest first."""
    ordered = sorted(rates, key=lambda rate: (-rate["churn_rate"], str(rate["category"])))
    figure, (axes,) = style.panels(style.FULL, 2.8)
    words = [category_title(str(rate["category"]), name) for rate in ordered]
    _rates(axes, column_title(name), words, ordered, overall, confidence)
    axes.tick_params(axis="x", labelsize=7, rotation=0 if max(map(len, words)) < 3 else 60)
    axes.set_xlim(-0.8, len(words) - 0.2)
    return figure


def by_quantile(found: Mapping[str, Rates], overall: float, confidence: float) -> Figure:
    """Draw the churn rate per quantile of every numeric column."""
    figure, axes = style.grid_of(len(found), 4, 2.05, sharey=True)
    for panel, (name, rates) in zip(axes, found.items(), strict=True):
        words = [_bin(rate) for rate in rates]
        _rates(panel, column_title(name), words, rates, overall, confidence)
        if max(map(len, words)) > 4:
            panel.tick_params(axis="x", labelsize=7)
    return figure


def columns_with_many(found: Mapping[str, Rates]) -> list[str]:
    """Return the columns that need a picture of their own."""
    return [name for name, rates in found.items() if len(rates) > MANY]


def _bin(rate: Mapping[str, float]) -> str:
    high = rate["high"]
    words = f"{high / 1000:.3g}k" if abs(high) >= 1000 else compact(high)
    return f"≤{words}" if rate["low"] != high else words


def _rates(
    axes: Axes, title: str, words: list[str], rates: Rates, overall: float, confidence: float
) -> None:
    import numpy as np

    share = np.array([rate["churn_rate"] for rate in rates])
    rows = np.array([rate["rows"] for rate in rates])
    low, high = wilson_interval(share * rows, rows, confidence)
    places = range(len(words))
    axes.axhline(100 * overall, color=style.MUTED, linewidth=1, linestyle=(0, (3, 2)))
    axes.bar(places, 100 * share, color=style.ACCENT, alpha=0.55, width=0.72)
    axes.vlines(places, 100 * low, 100 * high, color=style.INK, linewidth=1.1)
    axes.set_title(title, fontsize=9)
    axes.set_xticks(places, words)
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)
    # Panels share their scale: the one that needs most sets it.
    axes.set_ylim(0, max(axes.get_ylim()[1], 104 * float(high.max())))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.locator_params(axis="y", nbins=5)
