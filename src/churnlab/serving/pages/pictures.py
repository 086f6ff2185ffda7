"""Where the points of small pictures lie; templates draw them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 380, 260
LEFT, RIGHT, TOP, BOTTOM = 46, 20, 30, 42
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Plot:
    """Axes from 0 up, in the units of an SVG of `WIDTH` by `HEIGHT`.

    Attributes:
        x_most, y_most: values at the ends of the axes.
    """

    x_most: float = 1.0
    y_most: float = 1.0

    width, height = WIDTH, HEIGHT
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM

    def x(self, value: float) -> float:
        """Return how far to the right a value is."""
        return round(self.left + (self.right - self.left) * value / self.x_most, 1)

    def y(self, value: float) -> float:
        """Return how far down a value is."""
        return round(self.bottom - (self.bottom - self.top) * value / self.y_most, 1)

    def line(self, points: Sequence[tuple[float, float]]) -> str:
        """Return points as a polyline has them."""
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in points)

    def x_ticks(self) -> list[float]:
        """Return round values along the axis."""
        return ticks(self.x_most)

    def y_ticks(self) -> list[float]:
        """Return round values along the axis."""
        return ticks(self.y_most)


def ticks(most: float, about: int = 5) -> list[float]:
    """Return round values from 0 to at most `most`, near `about` of them."""
    rough = most / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in STEPS if step * power >= rough * 0.999)
    return [round(step * place, 10) for place in range(int(most / step + 1e-9) + 1)]
