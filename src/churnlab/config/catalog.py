"""The catalog of a study: where its table comes from and what each column is."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from churnlab.config.column import Column, Entry, Listed, Role, Text

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Source(Entry):
    """The published file: its name, hash, licence, and where it can be had."""

    file: Annotated[str, Field(pattern=r"^[^/\\]+$")]
    sha256: Sha256
    bytes: Annotated[int, Field(ge=1)]
    licence: Text
    citation: Text
    url: Annotated[str, Field(pattern=r"^(https?|file)://")] | None = None
    published_path: str | None = None


class Target(Entry):
    """The column to predict and the texts of its two values."""

    column: Text
    positive: Text
    negative: Text


class CatalogSplit(Entry):
    """The published split: the first rows are the train part."""

    published_train_rows: Annotated[int, Field(ge=1)]


class Costs(Entry):
    """Worth of a customer and price of an offer, for the expected maximum profit."""

    customer_lifetime_value: Annotated[float, Field(gt=0)]
    incentive_cost: Annotated[float, Field(ge=0)]
    contact_cost: Annotated[float, Field(ge=0)]
    accept_rate_alpha: Annotated[float, Field(gt=0)] = 6.0
    accept_rate_beta: Annotated[float, Field(gt=0)] = 14.0


class Fairness(Entry):
    """Columns whose groups are compared; numeric ones need the edges of their bands."""

    columns: Listed[str]
    bins: dict[str, Listed[float]] = Field(default_factory=dict)


class PublishedResult(Entry):
    """A result that others reported on this table."""

    name: Text
    metrics: dict[str, float]


class Catalog(Entry):
    """The whole catalog; `columns` are in the order of the published file."""

    name: Text
    title: Text
    source: Source
    id: str | None = None
    time: str | None = None
    as_of: Annotated[date, Field(strict=True)] | None = None
    target: Target
    columns: dict[str, Column]
    split: CatalogSplit | None = None
    costs: Costs | None = None
    fairness: Fairness | None = None
    reduced_columns: Listed[str] = ()
    published_results: Listed[PublishedResult] = ()
    sensitive_basis: Text | None = None

    @property
    def inputs(self) -> list[str]:
        """The columns that models may see, in published order."""
        return self.with_role("input")

    @property
    def numeric_inputs(self) -> list[str]:
        """The numeric ones among the inputs, dates (as days) among them."""
        return [name for name in self.inputs if self.columns[name].is_number]

    @property
    def categorical_inputs(self) -> dict[str, tuple[str, ...]]:
        """The categorical ones among the inputs, with their categories in catalog order."""
        columns = {name: self.columns[name] for name in self.inputs}
        return {name: c.levels for name, c in columns.items() if c.type == "categorical"}

    @property
    def code_inputs(self) -> list[str]:
        """The codes among the inputs: texts out of many, whose levels are learnt in the fold."""
        return [name for name in self.inputs if self.columns[name].type == "code"]

    @property
    def filled_inputs(self) -> list[str]:
        """The numeric inputs whose missing values are filled in the fold."""
        return [name for name in self.numeric_inputs if self.columns[name].missing == "fill"]

    def with_role(self, role: Role) -> list[str]:
        """Return the columns of one role, in published order."""
        return [name for name, column in self.columns.items() if column.role == role]
