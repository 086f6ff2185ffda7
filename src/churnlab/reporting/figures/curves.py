"""Pictures that overlay models on the test part: ROC, precision-recall, gain, thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from churnlab.reporting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 3.9


def roc(points: pd.DataFrame) -> Figure:
    """Draw true against false positive rate from `model, fpr, tpr`."""
    figure, axes = _overlay(points, "fpr", "tpr")
    axes.plot([0, 1], [0, 1], color=style.MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
    axes.set(xlabel="stayers flagged (false positive rate)", ylabel="churners found (recall)")
    return figure


def precision_recall(points: pd.DataFrame, churn_rate: float) -> Figure:
    """Draw precision against recall from `model, recall, precision`."""
    figure, axes = _overlay(points, "recall", "precision")
    axes.axhline(churn_rate, color=style.MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
    axes.text(0.01, churn_rate + 0.015, "flagging at random", color=style.MUTED, fontsize=8)
    axes.set(xlabel="churners found (recall)", ylabel="flagged who churn (precision)")
    return figure


def gain(points: pd.DataFrame, churn_rate: float) -> Figure:
    """Draw the churners reached by the share contacted, best prospects first."""
    figure, axes = _overlay(points, "contacted", "gain")
    axes.plot([0, 1], [0, 1], color=style.MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
    axes.plot([0, churn_rate, 1], [0, 1, 1], color=style.MUTED, linewidth=0.9, zorder=1)
    axes.text(churn_rate + 0.02, 1.015, "perfect order", color=style.MUTED, fontsize=8)
    axes.text(0.62, 0.55, "random order", color=style.MUTED, fontsize=8)
    axes.set(xlabel="share contacted", ylabel="churners reached", ylim=(-0.02, 1.08))
    return figure


def lift(points: pd.DataFrame) -> Figure:
    """Draw how many times more churners than at random are among those contacted."""
    figure, (axes,) = style.panels(style.HALF, HEIGHT)
    for model, part in points.groupby("model", sort=False):
        axes.plot(part["contacted"], part["lift"], **style.line(str(model)))
    axes.axhline(1, color=style.MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
    _percentages(axes, "x")
    axes.set(xlabel="share contacted", ylabel="lift", xlim=(0, 1.02))
    axes.set_ylim(bottom=0)
    style.legend_above(axes)
    return figure


def threshold(points: pd.DataFrame, chosen: Mapping[str, float], measure: str) -> Figure:
    """Draw `measure` (`f1`, `profit`) by decision threshold; dots are the chosen thresholds."""
    import numpy as np

    titles = {"f1": "F1", "profit": "profit per customer"}
    figure, (axes,) = style.panels(style.HALF, HEIGHT)
    for model, part in points.groupby("model", sort=False):
        name = str(model)
        axes.plot(part["threshold"], part[measure], **style.line(name))
        height = np.interp(chosen[name], part["threshold"], part[measure])
        axes.plot(chosen[name], height, **style.marker(name), markersize=7, linestyle="")
    axes.set(xlabel="decision threshold", ylabel=titles.get(measure, measure), xlim=(0, 1))
    low, high = points[measure].min(), points[measure].max()
    # A threshold that flags nearly everybody costs so much that the rest would look flat.
    axes.set_ylim(max(low, -0.35 * high), 1.06 * high)
    style.legend_above(axes)
    return figure


def _overlay(points: pd.DataFrame, x: str, y: str) -> tuple[Figure, Axes]:
    figure, (axes,) = style.panels(style.HALF, HEIGHT)
    for model, part in points.groupby("model", sort=False):
        axes.plot(part[x], part[y], **style.line(str(model)), alpha=0.9)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.03))
    for side in ("x", "y"):
        _percentages(axes, side)
    style.legend_above(axes)
    return figure, axes


def _percentages(axes: Axes, side: str) -> None:
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
