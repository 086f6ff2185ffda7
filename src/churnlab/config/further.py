"""Further tables that an event study crosses in: what they say, of whom, from when on."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Days = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Kind = Literal["events", "series", "calendar"]
Key = Literal["seller", "state", "none"]


class FurtherTable(BaseModel):
    """A table of `events.tables` crossed in, or the public holidays of a country.

    `file` is what the events stage makes of the table: its name and `.parquet`.

    `events` happen (tickets, campaigns): they are counted per window, and with `ended` those that
    are open at the date. A `series` has a value that holds until the next one (a rate, an index).
    A `calendar` says what will happen: entries are counted `ahead` and `back` of the date. Each row
    counts from its knowledge time on. It belongs to a seller, to the state of sellers, or to all.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    kind: Kind
    key: Key = "none"
    file: Annotated[str, Field(pattern=r"^[^/\\]+\.parquet$")] | None = None
    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    what: Annotated[str, Field(min_length=1)]
    event_time: Name = "event_time"
    known_time: Name = "known_time"
    ended: Name | None = None
    value: Name | None = None
    unit: str = ""
    ahead: Days = ()
    back: Days = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.file is None) == (self.holidays is None):
            raise ValueError("name either a file or the country of holidays")
        if self.holidays and (self.kind != "calendar" or self.key != "none"):
            raise ValueError("holidays are a calendar for all; write kind: calendar and no key")
        if (self.kind == "series") != (self.value is not None):
            raise ValueError("kind: series and value belong together; write both")
        if self.ended and self.kind != "events":
            raise ValueError(f"ended needs kind: events, not {self.kind}")
        if (self.kind == "calendar") != bool(self.ahead or self.back):
            raise ValueError("kind: calendar and days ahead or back belong together; write both")
        return self
