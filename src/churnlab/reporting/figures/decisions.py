"""Pictures with one panel per model: calibration and confusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnlab.reporting import style
from churnlab.reporting.wording import count, model_title, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = ("stayed", "churned")
PER_ROW = 4
TICKS = (0.01, 0.1, 0.25, 0.5, 1)


def calibration(points: pd.DataFrame) -> Figure:
    """Draw observed against predicted churn in bins of equally many rows, with intervals.

    Args:
        points: `model, mean_p, churn_rate, low, high, rows`.
    """
    models = list(points["model"].unique())
    figure, axes = style.grid_of(len(models), min(PER_ROW, len(models)), 2.7)
    for panel, model in zip(axes, models, strict=True):
        _calibration(panel, model, points[points["model"] == model])
    axes[0].set_ylabel("observed churn rate")
    return figure


def _calibration(axes: Axes, model: str, points: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=style.MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
    axes.vlines(points["mean_p"], points["low"], points["high"], color=style.colour(model))
    axes.plot(points["mean_p"], points["churn_rate"], **style.marker(model), linestyle="")
    # Most customers have a small risk: a square-root scale gives them room, up to 1.
    for set_scale in (axes.set_xscale, axes.set_yscale):
        set_scale("function", functions=(_root, np.square))
    axes.set(xlim=(0, 1.04), ylim=(0, 1.04), xlabel="predicted probability")
    axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.set_title(model_title(model))
    axes.set_box_aspect(1)


def _root(values: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(values, 0.0))


def confusion(counts: pd.DataFrame) -> Figure:
    """Draw customers by outcome and decision: `model, actual, predicted, rows`."""
    models = list(counts["model"].unique())
    figure, axes = style.grid_of(len(models), min(PER_ROW, len(models)), 2.9)
    for panel, model in zip(axes, models, strict=True):
        part = counts[counts["model"] == model].set_index(["actual", "predicted"])["rows"]
        _confusion(panel, model, part)
    axes[0].set_ylabel("what happened")
    return figure


def _confusion(axes: Axes, model: str, rows: pd.Series) -> None:
    from matplotlib.patches import Rectangle

    for place, actual in enumerate(WORDS):
        total = sum(rows[actual, word] for word in WORDS)
        for column, decided in enumerate(WORDS):
            number = rows[actual, decided]
            share = number / total if total else 0.0
            shade = style.colour(model) if actual == decided else style.MUTED
            square = Rectangle((column, place), 0.97, 0.97, color=shade, alpha=0.12 + 0.5 * share)
            axes.add_patch(square)
            middle = (column + 0.485, place + 0.485)
            axes.annotate(
                f"{count(number)}\n{percent(share)}", middle, ha="center", va="center", fontsize=9
            )
    axes.set(xlim=(0, 2), ylim=(2, 0), xlabel="decision")
    axes.set_title(model_title(model))
    axes.set_xticks([0.485, 1.485], ["stays", "churns"])
    axes.set_yticks([0.485, 1.485], WORDS, rotation=90, va="center")
    axes.set_box_aspect(1)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
