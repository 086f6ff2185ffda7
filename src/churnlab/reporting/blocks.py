"""What a page is made of: sections of paragraphs, figures in words, tables and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from markupsafe import Markup, escape

from churnlab.reporting.picture import Picture

if TYPE_CHECKING:
    from jinja2 import Environment

Words = str | Markup
"""Plain text, or markup that has escaped whatever it holds."""

Tone = Literal["", "good", "bad", "quiet"]


@dataclass(frozen=True)
class Cell:
    """A value, with a smaller line below it, perhaps set apart."""

    text: Words
    note: Words = ""
    strong: bool = False
    tone: Tone = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells below a caption; the first column is text, the others are numbers.

    `texts` are the further columns of text, by their place.
    """

    kind: ClassVar[str] = "table"
    caption: Words
    head: Sequence[Words]
    rows: Sequence[Sequence[Cell | Words]]
    texts: frozenset[int] = frozenset()
    marked: int | None = None

    @property
    def cells(self) -> list[list[Cell]]:
        """The rows with every value as a cell."""
        return [[c if isinstance(c, Cell) else Cell(c) for c in row] for row in self.rows]

    def _repr_html_(self) -> str:
        return render("table.html.j2", table=self)


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    kind: ClassVar[str] = "paragraph"
    text: Words


@dataclass(frozen=True)
class Pictures:
    """Pictures beside each other where there is room."""

    kind: ClassVar[str] = "pictures"
    pictures: Sequence[Picture]


@dataclass(frozen=True)
class Figure:
    """One number in large type with what it is and how sure."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Figures:
    """Numbers in large type, side by side."""

    kind: ClassVar[str] = "figures"
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Aside:
    """Blocks that only some readers open."""

    kind: ClassVar[str] = "aside"
    title: str
    blocks: Sequence[Paragraph | Table | Pictures]


Block = Paragraph | Table | Pictures | Figures | Aside


@dataclass(frozen=True)
class Section:
    """A part of the page; `name` is its anchor."""

    name: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)


def bold(text: str) -> Markup:
    """Return `text`, escaped and bold."""
    return Markup("<strong>{}</strong>").format(text)


def code(text: str) -> Markup:
    """Return `text`, escaped and set as code."""
    return Markup("<code>{}</code>").format(text)


def sentence(template: str, *values: object) -> Markup:
    """Return `template` with escaped values in the places of its braces."""
    return Markup(escape(template)).format(*values)


def render(template: str, **values: object) -> str:
    """Return a template of the package, filled in; what it is given is escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("churnlab.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
