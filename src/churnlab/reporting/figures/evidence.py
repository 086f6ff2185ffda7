"""Pictures of how sure the figures are: intervals, over-fit, protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from churnlab.reporting import style
from churnlab.reporting.wording import LOWER_IS_BETTER, metric_title, model_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Intervals = Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]
OFFSETS = {"cv": -0.17, "test": 0.17}
POINTS = {"train": "o", "cv": "D", "test": "s"}
WORDS = {"train": "rows fitted on", "cv": "out of fold", "test": "test part"}


def forest(intervals: Intervals, models: Sequence[str], metrics: Sequence[str]) -> Figure:
    """Draw every model's metrics with intervals: hollow cross-validated, filled on the test part.

    Args:
        intervals: `{part: {model: {metric: {estimate, low, high}}}}` for `cv` and `test`.
        models: rows, top to bottom.
        metrics: panels.
    """
    figure, axes = style.panels(style.FULL, 1.1 + 0.42 * len(models), 1, len(metrics), sharey=True)
    for panel, metric in zip(axes, metrics, strict=True):
        for place, model in enumerate(models):
            for part, offset in OFFSETS.items():
                _interval(panel, intervals[part][model][metric], place + offset, model, part)
        arrow = "←" if metric in LOWER_IS_BETTER else "→"
        panel.set_title(metric_title(metric), fontsize=9)
        panel.set_xlabel(f"better {arrow}" if arrow == "→" else f"{arrow} better", fontsize=8)
        panel.locator_params(axis="x", nbins=4)
        panel.grid(visible=False, axis="y")
    axes[0].set_yticks(range(len(models)), [model_title(model) for model in models])
    axes[0].set_ylim(len(models) - 0.5, -0.5)
    _parts_legend(figure, {"cv": "cross-validation", "test": "test part"})
    return figure


def _interval(axes: Axes, value: Mapping[str, float], place: float, model: str, part: str) -> None:
    shade = style.colour(model)
    axes.plot([value["low"], value["high"]], [place, place], color=shade, linewidth=1.5)
    face = style.PAPER if part == "cv" else shade
    axes.plot(value["estimate"], place, "o", color=shade, markerfacecolor=face, markersize=5)


def _parts_legend(figure: Figure, words: Mapping[str, str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            marker="o",
            linestyle="-",
            color=style.MUTED,
            markerfacecolor=style.PAPER if part == "cv" else style.MUTED,
            label=label,
        )
        for part, label in words.items()
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=len(handles))


def overfit(
    rows: Sequence[Mapping[str, Any]], models: Sequence[str], metrics: Sequence[str]
) -> Figure:
    """Draw each model's metrics on the rows fitted on, out of fold and on the test part.

    Args:
        rows: `model, metric, train, cv, test`.
        models: rows of the drawing, top to bottom.
        metrics: panels.
    """
    found = {(row["model"], row["metric"]): row for row in rows}
    figure, axes = style.panels(style.FULL, 1.15 + 0.3 * len(models), 1, len(metrics), sharey=True)
    for panel, metric in zip(axes, metrics, strict=True):
        for place, model in enumerate(models):
            _three_parts(panel, found[model, metric], place, style.colour(model))
        panel.set_title(metric_title(metric), fontsize=9)
        panel.locator_params(axis="x", nbins=4)
        panel.grid(visible=False, axis="y")
    axes[0].set_yticks(range(len(models)), [model_title(model) for model in models])
    axes[0].set_ylim(len(models) - 0.5, -0.5)
    handles = [
        panel.plot([], [], POINTS[part], color=style.MUTED, label=WORDS[part], **_face(part))[0]
        for part in POINTS
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=3)
    return figure


def _three_parts(axes: Axes, row: Mapping[str, Any], place: int, shade: str) -> None:
    values = [row[part] for part in POINTS]
    axes.plot([min(values), max(values)], [place, place], color=shade, linewidth=1, alpha=0.6)
    for part, shape in POINTS.items():
        axes.plot(row[part], place, shape, color=shade, **_face(part))


def _face(part: str) -> dict[str, Any]:
    return {"markerfacecolor": style.PAPER} if part == "cv" else {}


def protocols(ledger: Mapping[str, Mapping[str, Any]], metrics: Sequence[str]) -> Figure:
    """Draw what each protocol reports; the honest figure is the line to compare with.

    Args:
        ledger: `{protocol: {title, flawed, metrics}}`, the one to compare with first; rows in
            this order.
        metrics: panels.
    """
    names = list(ledger)
    first = ledger[names[0]]
    figure, axes = style.panels(style.FULL, 0.9 + 0.32 * len(names), 1, len(metrics), sharey=True)
    for panel, metric in zip(axes, metrics, strict=True):
        honest = first["metrics"][metric]
        panel.axvline(honest, color=style.MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
        for place, name in enumerate(names):
            value = ledger[name]["metrics"][metric]
            shade = style.CHURNED if ledger[name]["flawed"] else style.ACCENT
            panel.plot([honest, value], [place, place], color=shade, linewidth=2, alpha=0.6)
            panel.plot(value, place, "o", color=shade, markersize=6)
        panel.set_title(metric_title(metric), fontsize=9)
        panel.grid(visible=False, axis="y")
        panel.locator_params(axis="x", nbins=4)
    axes[0].set_yticks(range(len(names)), [ledger[name]["title"] for name in names])
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    return figure
