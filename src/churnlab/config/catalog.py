"""The catalog of a study: where its table comes from and what each column is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from churnlab.config.catalog_rules import rule_breaks
from churnlab.config.reading import read_yaml_mapping
from churnlab.config.validation import mistakes, parse, suggestion
from churnlab.errors import ChurnlabError
from churnlab.paths import catalog_path

ColumnType = Literal["numeric", "categorical", "text"]
Role = Literal["input", "identifier", "leak", "target"]
Privacy = Literal["identifier", "quasi-identifier", "sensitive", "behavioural", "label"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1)]
Item = TypeVar("Item")
Listed = Annotated[tuple[Item, ...], Field(strict=False)]


class Entry(BaseModel):
    """A block of a catalog: strict types, no unknown keys, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


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


class Column(Entry):
    """One published column; bounds are inclusive and in `unit`."""

    type: ColumnType
    role: Role
    privacy: Privacy
    description: Text
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    integer: bool = False
    categories: Listed[str] = ()

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
        return self


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
    bins: dict[str, Listed[float]] = {}


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
        """The numeric ones among the inputs."""
        return [name for name in self.inputs if self.columns[name].type == "numeric"]

    @property
    def categorical_inputs(self) -> dict[str, tuple[str, ...]]:
        """The categorical ones among the inputs, with their categories in catalog order."""
        columns = {name: self.columns[name] for name in self.inputs}
        return {name: c.categories for name, c in columns.items() if c.type == "categorical"}

    def with_role(self, role: Role) -> list[str]:
        """Return the columns of one role, in published order."""
        return [name for name, column in self.columns.items() if column.role == role]


def load_catalog(study: str, root: Path) -> Catalog:
    """Return the validated catalog of `study` in the repository at `root`.

    Raises:
        ChurnlabError: there is no such study, or its catalog has mistakes: unknown, missing or
            wrong keys, roles that contradict each other, names of columns that do not exist, or
            sensitive inputs without a legal basis.
    """
    path = catalog_path(root, study)
    if not path.is_file():
        known = sorted(file.stem for file in path.parent.glob("*.yaml"))
        raise ChurnlabError(
            f"{path}: unknown study '{study}'; {suggestion(study, known)}; "
            "a new study needs a catalog of this name"
        )
    document: dict[str, Any] = read_yaml_mapping(path)
    catalog = parse(Catalog, document, path)
    lines = rule_breaks(catalog)
    if catalog.name != study:
        lines.insert(0, f"name: '{catalog.name}' is not the name of the file; write '{study}'")
    if lines:
        raise mistakes(path, lines)
    return catalog
