"""Pictures of what models look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from churnlab.reporting import style
from churnlab.reporting.wording import column_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 15


def impurity(shares: Mapping[str, float], family: str) -> Figure:
    """Draw the share of a family's own importance that each feature has, largest first."""
    names = _largest(shares)
    figure, axes = _axes(len(names))
    values = [100 * shares[name] for name in names]
    style.horizontal_bars(axes, _words(names), values, style.colour(family))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.set_xlabel("share of the importance")
    return figure


def permutation(growth: Mapping[str, Mapping[str, float]]) -> Figure:
    """Draw how much log loss grows when a column is shuffled: `{column: {mean, low, high}}`."""
    names = _largest({name: value["mean"] for name, value in growth.items()})
    figure, axes = _axes(len(names))
    style.horizontal_bars(axes, _words(names), [growth[n]["mean"] for n in names], style.ACCENT)
    for place, name in enumerate(names):
        axes.plot([growth[name]["low"], growth[name]["high"]], [place] * 2, color=style.INK, lw=1.2)
    axes.set_xlabel("growth of log loss when shuffled")
    return figure


def shapley(amounts: Mapping[str, float]) -> Figure:
    """Draw the mean absolute contribution of each column to the log-odds of churn."""
    names = _largest(amounts)
    figure, axes = _axes(len(names))
    style.horizontal_bars(axes, _words(names), [amounts[n] for n in names], style.ACCENT)
    axes.set_xlabel("mean |contribution| to the log-odds")
    return figure


def _largest(values: Mapping[str, float]) -> list[str]:
    return sorted(values, key=lambda name: (-values[name], name))[:SHOWN]


def _words(names: list[str]) -> list[str]:
    return [column_title(name.replace("=", ": ")) for name in names]


def _axes(bars: int) -> tuple[Figure, Axes]:
    figure, (axes,) = style.panels(style.HALF, 0.8 + 0.23 * bars)
    return figure, axes
