"""One look for every picture: palette, type, and empty axes to draw on.

The colours are those of Okabe & Ito (2008) and a brown, which stay apart for colour-blind readers;
each family also has its own marker and dash. On a web page each colour becomes a CSS variable, so
that pictures follow the reader's light or dark theme.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from churnlab.reporting.wording import family_of, is_baseline, model_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1d2530"
MUTED = "#5d6874"
GRID = "#dde2e7"
PAPER = "#fefefe"
ACCENT = "#2f6690"
CHURNED = "#c2410b"
STAYED = "#8fa3b5"
FAMILY_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "rf": "#0072b2",
        "xgb": "#d55e00",
        "mlp": "#009e73",
        "blend": "#cc79a7",
        "catboost": "#5e3c12",
        "lightgbm": "#56b4e9",
        "logistic": "#4030c0",
    }
)
SPARE_COLOURS = ("#6b7a00", "#a0303c")
MARKERS: Mapping[str, str] = MappingProxyType(
    {
        "rf": "o",
        "xgb": "s",
        "mlp": "^",
        "blend": "D",
        "catboost": "v",
        "lightgbm": "P",
        "logistic": "X",
    }
)
DASHES: Mapping[str, Any] = MappingProxyType(
    {"rf": "-", "xgb": (0, (5, 1.6)), "mlp": (0, (1.5, 1.2)), "blend": (0, (7, 1.5, 1.5, 1.5))}
)
HALF, FULL = 4.7, 9.6
"""Widths in inches: two halves stand beside each other on a wide page."""

_SETTINGS: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": PAPER,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.unicode_minus": True,
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "savefig.dpi": 110,
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8.5,
}


def styled() -> AbstractContextManager[None]:
    """Return the context in which every picture is drawn and saved."""
    import matplotlib

    return matplotlib.rc_context(_SETTINGS)


def panels(
    width: float, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, list[Axes]]:
    """Return a figure of `width` by `height` inches and its axes, row by row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, list(axes.ravel())


def grid_of(
    count: int, columns: int, row_height: float, **options: Any
) -> tuple[Figure, list[Axes]]:
    """Return full-width panels for `count` drawings, `columns` a row; surplus axes are removed."""
    rows = -(-count // columns)
    figure, axes = panels(FULL, row_height * rows, rows, columns, **options)
    for surplus in axes[count:]:
        surplus.remove()
    return figure, axes[:count]


def colour(model: str) -> str:
    """Return the colour of a model's family; the same one everywhere."""
    family = family_of(model)
    # A sum of letters, because `hash` of a text differs from run to run.
    spare = SPARE_COLOURS[sum(map(ord, family)) % len(SPARE_COLOURS)]
    return FAMILY_COLOURS.get(family, spare)


def line(model: str) -> dict[str, Any]:
    """Return how a model's curve is drawn: colour, dash, label."""
    return {
        "color": colour(model),
        "linestyle": DASHES.get(family_of(model), "-"),
        "label": model_title(model),
    }


def marker(model: str) -> dict[str, Any]:
    """Return how a model's point is drawn; hollow for library defaults."""
    return {
        "color": colour(model),
        "marker": MARKERS.get(family_of(model), "P"),
        "markerfacecolor": PAPER if is_baseline(model) else colour(model),
    }


def legend_above(axes: Axes, columns: int = 2) -> None:
    """Put the legend above the drawing, where it hides nothing."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=columns,
        borderaxespad=0,
        columnspacing=1.4,
        handlelength=2.4,
    )


def whole_numbers(axes: Axes) -> None:
    """Let the x axis count: no tick between two whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))


def horizontal_bars(axes: Axes, labels: list[str], values: list[float], shade: str) -> None:
    """Draw bars from top to bottom, without the lines that they make needless."""
    axes.barh(range(len(labels)), values, color=shade, height=0.68)
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
