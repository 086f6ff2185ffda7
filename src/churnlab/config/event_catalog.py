"""The catalog of an event study: which tables there are, what their rows say and since when."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from churnlab.config.catalog import Costs, PublishedResult, Sha256, Source
from churnlab.config.column import Entry, Listed, Privacy, Text
from churnlab.config.event_rule import Rule
from churnlab.config.further import FurtherTable

GitBlob = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
EventColumnType = Literal["text", "whole", "number", "time"]
Day = Annotated[date, Field(strict=True)]


class EventColumn(Entry):
    """One published column; a `time` is local time of the catalog's zone, to the second."""

    type: EventColumnType
    privacy: Privacy
    description: Text
    unit: Text | None = None


class EventTable(Entry):
    """One published table; `columns` are in the order of the file, CSV or Parquet by its ending.

    `event_time` and `known_time` list where the times come from, as `column` or `table.column`; the
    first one whose table is there counts. Rules are applied in the order in which they stand here.
    A file is verified by `sha256`, or by the id `git_blob` under which Git stores it; of one whose
    hash nobody has published, `unverified` says why, and the file is refused.
    """

    file: Annotated[str, Field(pattern=r"^[^/\\]+\.(csv|parquet)$")]
    description: Text
    required: bool
    url: Annotated[str, Field(pattern=r"^(https?|file)://")] | None = None
    sha256: Sha256 | None = None
    git_blob: GitBlob | None = None
    bytes: Annotated[int, Field(ge=1)] | None = None
    unverified: Text | None = None
    key: Annotated[Listed[str], Field(min_length=1)]
    event_time: Listed[str] = ()
    known_time: Listed[str] = ()
    columns: Annotated[dict[str, EventColumn], Field(min_length=1)]
    rules: dict[str, Rule] = Field(default_factory=dict)

    def of_type(self, *types: EventColumnType) -> list[str]:
        """Return the columns of these types, in published order."""
        return [name for name, column in self.columns.items() if column.type in types]


class Period(Entry):
    """First and last day on which something can have happened; both inclusive."""

    first: Day
    last: Day


class EventTables(Entry):
    """The tables of a study in the order in which they are read, and what they have in common.

    `complete_until` is the last day of which all sales are there, where fewer and fewer follow;
    else it is the day before the last sale.
    """

    licence: Text
    citation: Text
    timezone: Text
    period: Period
    complete_until: Day | None = None
    tables: Annotated[dict[str, EventTable], Field(min_length=1)]


class EventCatalog(Entry):
    """The whole catalog of an event study.

    `further` tables are crossed in as of each date. `value` is the feature that says what is lost
    with a seller; where there is none, it is the lifetime value of the costs.
    """

    name: Text
    title: Text
    events: EventTables
    further: dict[str, FurtherTable] = Field(default_factory=dict)
    costs: Costs | None = None
    value: Text | None = None
    published_results: Listed[PublishedResult] = ()

    @property
    def tables(self) -> dict[str, EventTable]:
        """The declared tables by name."""
        return self.events.tables

    @property
    def source(self) -> Source:
        """The published items, as the source of a customer table is described."""
        items = self.tables["items"]
        return Source(
            file=items.file,
            sha256=str(items.sha256),
            bytes=int(items.bytes or 0),
            licence=self.events.licence,
            citation=self.events.citation,
            url=items.url,
        )
