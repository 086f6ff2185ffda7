"""Pictures of the table itself: balance, ranges, correlation, missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from churnlab.reporting import style
from churnlab.reporting.wording import column_title, compact, count, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PARTS = {"train": "Training part", "test": "Test part"}


def class_balance(balance: Mapping[str, Mapping[str, float]]) -> Figure:
    """Draw how many rows churned in each part: `{part: {rows, churners, churn_rate}}`."""
    figure, (axes,) = style.panels(style.HALF, 2.2)
    rows = [balance[part]["rows"] for part in PARTS]
    churners = [balance[part]["churners"] for part in PARTS]
    style.horizontal_bars(axes, list(PARTS.values()), churners, style.CHURNED)
    stayed = [total - left for total, left in zip(rows, churners, strict=True)]
    axes.barh(range(len(rows)), stayed, left=churners, color=style.STAYED, height=0.68)
    for place, (left, total) in enumerate(zip(churners, rows, strict=True)):
        words = f"{count(left)} of {count(total)} ({percent(left / total)})"
        axes.annotate(
            words, (left, place), (5, 0), textcoords="offset points", va="center", fontsize=8.5
        )
    axes.set_xlabel("rows")
    axes.xaxis.set_major_formatter(lambda value, _: count(value))
    axes.legend(
        axes.containers,
        ["churned", "stayed"],
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=2,
        borderaxespad=0,
    )
    return figure


def missing_values(missing: Mapping[str, int], rows: int) -> Figure:
    """Draw the missing values of each column among `rows` rows of both parts."""
    gaps = {name: number for name, number in missing.items() if number}
    figure, (axes,) = style.panels(style.HALF, 1.2 + 0.24 * max(len(gaps), 4))
    if not gaps:
        axes.set_axis_off()
        words = f"No missing value\nin {count(rows)} rows and {len(missing)} columns"
        axes.text(0.5, 0.5, words, ha="center", va="center", fontsize=11, transform=axes.transAxes)
        return figure
    ordered = sorted(gaps, key=lambda name: -gaps[name])
    shares = [100 * gaps[name] / rows for name in ordered]
    style.horizontal_bars(axes, [column_title(name) for name in ordered], shares, style.ACCENT)
    axes.set_xlabel("missing, % of rows")
    return figure


def ranges(found: Mapping[str, Mapping[str, float]]) -> Figure:
    """Draw minimum, quartiles and maximum of every numeric column, each on its own scale."""
    figure, axes = style.grid_of(len(found), 3, 0.95)
    for panel, (name, values) in zip(axes, found.items(), strict=True):
        _range(panel, column_title(name), values)
    return figure


def _range(axes: Axes, title: str, values: Mapping[str, float]) -> None:
    low, high = values["lower_quartile"], values["upper_quartile"]
    axes.plot([values["min"], values["max"]], [0, 0], color=style.MUTED, linewidth=1)
    axes.plot([values["min"], values["max"]], [0, 0], "|", color=style.MUTED, markersize=8)
    axes.barh(0, high - low, left=low, height=0.5, color=style.STAYED)
    axes.plot([values["median"]] * 2, [-0.25, 0.25], color=style.INK, linewidth=2)
    axes.plot(values["mean"], 0, "D", color=style.CHURNED, markersize=4)
    axes.set_title(title, fontsize=9)
    axes.set_ylim(-0.5, 0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: _tick(value))


def _tick(value: float) -> str:
    return f"{value / 1000:g}k" if abs(value) >= 10_000 else compact(value)


def correlation(columns: Sequence[str], matrix: Sequence[Sequence[float | None]]) -> Figure:
    """Draw Pearson's r of every two columns; a constant column, which has none, stays blank."""
    import numpy as np

    values = np.array(matrix, dtype=np.float64)
    size = len(columns)
    figure, (axes,) = style.panels(style.FULL, max(3.2, 0.34 * size + 1.6))
    mesh = axes.pcolormesh(values, cmap=_diverging(), vmin=-1, vmax=1, edgecolor=style.PAPER)
    words = [column_title(name) for name in columns]
    places = np.arange(size) + 0.5
    axes.set_xticks(places, words, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, words)
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for row, column in np.argwhere(np.abs(np.nan_to_num(values)) >= 0.1):
        _annotate(axes, values[row, column], row, column)
    figure.colorbar(mesh, ax=axes, shrink=0.6, aspect=30, label="Pearson's r").outline.set_visible(
        False
    )
    return figure


def _annotate(axes: Axes, value: float, row: int, column: int) -> None:
    shade = "white" if abs(value) > 0.6 else "#222222"
    words = number(value, 2)
    axes.text(column + 0.5, row + 0.5, words, ha="center", va="center", fontsize=7, color=shade)


def _diverging() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    shades = ["#b2530f", "#e9a26b", "#f4f4f2", "#6fa8d0", "#0f5c93"]
    return LinearSegmentedColormap.from_list("diverging", shades)
