"""The part of params.yaml that event studies read: dates, windows, label, engine."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Item = TypeVar("Item")
Sequence = Annotated[tuple[Item, ...], Field(strict=False, min_length=1)]
Days = Annotated[int, Field(ge=1)]
# YAML reads 2018-05-01 as a date by itself; other tools write it as text.
Day = Annotated[date, Field(strict=False)]


def _rising(values: tuple[Item, ...]) -> tuple[Item, ...]:
    if twice := [str(value) for value, count in Counter(values).items() if count > 1]:
        raise ValueError(f"{twice[0]} is listed twice; list it once")
    if list(values) != sorted(values):  # type: ignore[type-var]
        raise ValueError("the values must rise; put them in order")
    return values


class EventSection(BaseModel):
    """A block of an event study: strict types, no unknown keys, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class MinimumActivity(EventSection):
    """Whom a reference date asks about: sellers with so many orders in so many days before."""

    days: Days
    orders: Days


class DateLists(EventSection):
    """Reference dates of the training part, of the out-of-time test, and of the list by risk.

    Where `score` is not said, the list is of the last test date.
    """

    train: Annotated[Sequence[Day], AfterValidator(_rising)]
    test: Annotated[Sequence[Day], AfterValidator(_rising)]
    score: Day | None = None

    @property
    def scored(self) -> date:
        """The date as of which the list is made."""
        return self.score or self.test[-1]

    @property
    def all(self) -> tuple[date, ...]:
        """Every date once, rising."""
        return tuple(sorted({*self.train, *self.test, self.scored}))

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if both := sorted({*self.train} & {*self.test}):
            raise ValueError(f"{both[0]} is a train date and a test date; keep one of the two")
        return self


class TimeFolds(EventSection):
    """How the training part is cut: runs of reference dates, and groups of sellers."""

    blocks: Days
    groups: Annotated[int, Field(ge=2)]


class Reference(EventSection):
    """A model that the families have to beat: few inputs, or another library's defaults.

    Without `inputs` it sees what the families see. It takes part in every comparison and is never
    champion.
    """

    family: str
    inputs: tuple[str, ...] = Field(default=(), strict=False)
    parameters: dict[str, float | int | str] = Field(default_factory=dict)


class EventStudy(EventSection):
    """How event tables become rows; lengths are in days.

    All families are computed; those in `inputs` go on to the models.
    """

    horizon_days: Days
    label: Literal["horizon", "inactivity"]
    windows: Annotated[Sequence[Days], AfterValidator(_rising)]
    reference_dates: DateLists
    minimum_activity: MinimumActivity
    inputs: Annotated[Sequence[str], Field(min_length=1)]
    folds: TimeFolds
    tune_folds: TimeFolds
    references: dict[str, Reference] = Field(default_factory=dict)
    engine: Literal["duckdb", "spark"] = "duckdb"
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)? ?(MB|MiB|GB|GiB)$")] = "4GiB"
