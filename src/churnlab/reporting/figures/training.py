"""Pictures of how models were found and fitted: search, training and learning curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from churnlab.reporting import style
from churnlab.reporting.wording import (
    LOWER_IS_BETTER,
    column_title,
    metric_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOT_PARAMETERS = ("trial", "state", "folds")
STEPS = {
    "logistic": "iteration",
    "rf": "trees",
    "xgb": "boosting round",
    "mlp": "epoch",
    "catboost": "boosting round",
}
CURVE_TITLES = {"train": "fitted rows", "validation": "held-out rows", "out_of_bag": "out of bag"}


def search(
    trials: pd.DataFrame, objective: str, importance: Mapping[str, float], family: str
) -> Figure:
    """Draw the objective of each trial with the best so far, and which parameters mattered."""
    height = 2.3 + 0.1 * max(len(importance) - 4, 0)
    figure, (history, bars) = style.panels(style.FULL, height, 1, 2, width_ratios=(3, 2))
    _history(history, trials, objective, style.colour(family))
    ordered = sorted(importance, key=lambda name: -importance[name])
    style.horizontal_bars(
        bars, ordered, [100 * importance[name] for name in ordered], style.colour(family)
    )
    bars.set_title("What mattered in the search")
    bars.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    return figure


def _history(axes: Axes, trials: pd.DataFrame, objective: str, shade: str) -> None:
    done = trials[trials["state"] == "complete"]
    pruned = trials[trials["state"] != "complete"]
    values = done[objective]
    best = values.cummin() if objective in LOWER_IS_BETTER else values.cummax()
    axes.plot(done["trial"], values, "o", color=shade, label="trial")
    if len(pruned):
        axes.plot(
            pruned["trial"],
            pruned[objective],
            "o",
            color=style.MUTED,
            markerfacecolor=style.PAPER,
            label="stopped early",
        )
    axes.step(
        done["trial"], best, where="post", color=style.INK, linewidth=1.2, label="best so far"
    )
    axes.set(xlabel="trial", ylabel=metric_title(objective).lower())
    style.whole_numbers(axes)
    style.legend_above(axes, 3)


def search_slices(trials: pd.DataFrame, objective: str, family: str) -> Figure:
    """Draw the objective of the completed trials against each parameter that was searched."""
    done = trials[trials["state"] == "complete"]
    names = [
        name
        for name in trials
        if name not in (*NOT_PARAMETERS, objective) and len(set(done[name])) > 1
    ]
    figure, axes = style.grid_of(len(names), min(4, len(names)), 2.1)
    for panel, name in zip(axes, names, strict=True):
        panel.plot(done[name], done[objective], "o", color=style.colour(family), alpha=0.8)
        panel.set_title(str(name), fontsize=9)
        if pd.api.types.is_numeric_dtype(done[name]):
            panel.locator_params(axis="x", nbins=4)
        else:
            panel.margins(x=0.3)
    axes[0].set_ylabel(metric_title(objective).lower())
    return figure


def training(curves: Mapping[str, pd.DataFrame], family: str) -> Figure:
    """Draw a family's log loss while it is fitted: per tree count, boosting round or epoch.

    Args:
        curves: metric to a frame of `step` and that metric; those of log loss are drawn.
        family: gives colour and words.
    """
    figure, (axes,) = style.panels(style.HALF, 3.3)
    for name in sorted(name for name in curves if name.endswith("log_loss")):
        seen = name.startswith("train")
        axes.plot(
            curves[name]["step"],
            curves[name][name],
            color=style.MUTED if seen else style.colour(family),
            linestyle=(0, (1.5, 1.2)) if name.startswith("out_of_bag") else "-",
            linewidth=1.3 if seen else 1.9,
            label=CURVE_TITLES.get(name.removesuffix("_log_loss"), column_title(name)),
        )
    axes.set(xlabel=STEPS.get(family, "step"), ylabel="log loss")
    style.whole_numbers(axes)
    style.legend_above(axes)
    return figure


def learning(points: pd.DataFrame) -> Figure:
    """Draw the metrics of held-out rows by the share of the training rows fitted on.

    Args:
        points: `model, fraction`, then one column per metric, each a panel.
    """
    metrics = [name for name in points if name not in ("model", "fraction")]
    figure, axes = style.panels(style.FULL, 2.9, 1, len(metrics))
    for panel, metric in zip(axes, metrics, strict=True):
        for model, part in points.groupby("model", sort=False):
            name = str(model)
            look = {**style.line(name), **style.marker(name)}
            panel.plot(100 * part["fraction"], part[metric], **look)
        panel.set(xlabel="training rows used", xlim=(0, 104))
        panel.set_title(metric_title(str(metric)), fontsize=9)
        panel.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels))
    return figure
