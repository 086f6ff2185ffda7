"""The pictures of one study, drawn when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churnlab.errors import ChurnlabError
from churnlab.reporting.picture import Picture
from churnlab.reporting.results import StudyResults
from churnlab.reporting.style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawing:
    """How to draw a picture, with its title, its caption, and whether the report shows it."""

    title: str
    caption: str
    draw: Callable[[], Figure]
    reported: bool = True


class Gallery(Mapping[str, Picture]):
    """The pictures of a study by name; `gallery["roc"]` draws one, and shows it in a notebook."""

    def __init__(self, results: StudyResults) -> None:
        from churnlab.reporting.gallery import families, judgement, table

        self._drawings: dict[str, Drawing] = {
            **table.drawings(results),
            **judgement.drawings(results),
            **families.drawings(results),
        }

    def __getitem__(self, name: str) -> Picture:
        if name not in self._drawings:
            raise ChurnlabError(
                f"there is no picture '{name}' of this study; there are {', '.join(self)}"
            )
        drawing = self._drawings[name]
        with styled():
            figure = drawing.draw()
            # Once, here: every saving would lay the figure out anew.
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        return Picture(name, drawing.title, drawing.caption, figure)

    def reported(self) -> Iterator[Picture]:
        """Draw the pictures of the report, one after the other."""
        return (self[name] for name in self.reported_names)

    @property
    def reported_names(self) -> list[str]:
        """The names of the pictures of the report, in its order."""
        return [name for name, drawing in self._drawings.items() if drawing.reported]

    def starting(self, prefix: str) -> list[Picture]:
        """Draw the pictures whose names start with `prefix`; none is no mistake."""
        return [self[name] for name in self if name.startswith(prefix)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._drawings)

    def __len__(self) -> int:
        return len(self._drawings)

    def __contains__(self, name: object) -> bool:
        return name in self._drawings
