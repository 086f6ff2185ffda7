"""A picture as bytes that are the same on every run: PNG for files, SVG for the page."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churnlab.reporting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THEMED = {
    style.INK: "ink",
    style.MUTED: "muted",
    style.GRID: "grid",
    style.PAPER: "paper",
    style.ACCENT: "accent",
    style.CHURNED: "churned",
    style.STAYED: "stayed",
    **{shade: name for name, shade in style.FAMILY_COLOURS.items()},
}
"""Colours that a page may replace: hexadecimal value to the name of a CSS variable."""

_COLOUR = re.compile("|".join(THEMED), re.IGNORECASE)
_GROUP_NAME = re.compile(r'<g id="[^"]*"')
_FONT = re.compile(r"'DejaVu Sans'(, [^;\"]*)?")


@dataclass(frozen=True)
class Picture:
    """A figure with the file name, the title and the sentence that explains it."""

    name: str
    title: str
    caption: str
    figure: Figure

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width of a page."""
        return bool(self.figure.get_figwidth() > style.HALF)

    def png(self) -> bytes:
        """Return the picture as PNG without the version of the software that drew it."""
        buffer = io.BytesIO()
        with style.styled():
            self.figure.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue()

    def svg(self) -> str:
        """Return the picture as an `<svg>` element whose colours and type are the page's."""
        buffer = io.StringIO()
        with style.styled():
            import matplotlib

            # Names inside must not be those of another picture on the same page.
            matplotlib.rcParams["svg.hashsalt"] = self.name
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            self.figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
        return _for_page(buffer.getvalue())

    def _repr_png_(self) -> bytes:
        return self.png()


def _for_page(document: str) -> str:
    text = document[document.index("<svg") :].rstrip()
    text = _GROUP_NAME.sub("<g", text)
    text = _FONT.sub("var(--figure-font)", text)
    text = _COLOUR.sub(lambda found: f"var(--{THEMED[found.group().lower()]})", text)
    # The width is the page's to choose; the shape stays in viewBox.
    return re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
