"""One column of a published table, as a catalog declares it."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

ColumnType = Literal["numeric", "categorical", "code", "date", "text"]
Role = Literal["input", "identifier", "leak", "time", "unused", "target"]
Privacy = Literal["identifier", "quasi-identifier", "sensitive", "behavioural", "label"]
Text = Annotated[str, Field(min_length=1)]
Item = TypeVar("Item")
Listed = Annotated[tuple[Item, ...], Field(strict=False)]
MISSING_LEVEL = "(missing)"


class Entry(BaseModel):
    """A block of a catalog: strict types, no unknown keys, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Column(Entry):
    """One published column; bounds are inclusive and in `unit`.

    A `code` is a text out of many, its levels learnt in the fold. A `date` is read by `format` (of
    `strptime`) and becomes days before the time of prediction. `missing: fill` accepts gaps: a
    number or date gets the fold's median and a column that says so, a text a level of its own.
    """

    type: ColumnType
    role: Role
    privacy: Privacy
    description: Text
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    integer: bool = False
    categories: Listed[str] = ()
    format: Text | None = None
    missing: Literal["refuse", "fill"] = "refuse"

    @property
    def is_number(self) -> bool:
        """Whether models see a number: a numeric column, or a date, as days."""
        return self.type in {"numeric", "date"}

    @property
    def levels(self) -> tuple[str, ...]:
        """The categories, with one for missing values where these are filled."""
        return self.categories + ((MISSING_LEVEL,) if self.missing == "fill" else ())

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.type == "categorical" and not self.categories:
            raise ValueError("a categorical column needs its categories; list them")
        if self.type != "categorical" and self.categories:
            raise ValueError(f"categories need type: categorical, not {self.type}")
        if self.type != "numeric" and (self.min is not None or self.max is not None):
            raise ValueError(f"min and max need type: numeric, not {self.type}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}; exchange them")
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("a category is listed twice; list it once")
        if self.type == "text" and self.role == "input":
            raise ValueError("free text cannot be an input; give categories or another role")
        if (self.type == "date") != (self.format is not None):
            raise ValueError("type: date and format belong together; write both, as %Y-%m-%d")
        if self.missing == "fill" and self.role in {"target", "time"}:
            raise ValueError(f"a {self.role} cannot be filled; remove missing: fill")
        return self
