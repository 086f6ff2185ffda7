"""The part of params.yaml that the feature store reads: owners, freshness, dates, where online."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from churnlab.config.validation import unknown_names

Words = Annotated[str, Field(min_length=1)]
Days = Annotated[int, Field(ge=1)]
# YAML reads 2018-05-01 as a date by itself; other tools write it as text.
Day = Annotated[date, Field(strict=False)]
SQLITE = "sqlite"
SCHEMES = ("redis", "rediss")


def _without_credentials(online: str) -> str:
    if online == SQLITE:
        return online
    address = urlsplit(online)
    if address.scheme not in SCHEMES or not address.hostname:
        raise ValueError(f"'{online}' is neither sqlite nor an address as redis://host:6379/0")
    if address.username or address.password:
        raise ValueError(
            "an address with user or password does not belong in a file of Git; "
            "set CHURNLAB_ONLINE_STORE in the environment instead"
        )
    return online


class StoreSection(BaseModel):
    """A block of the feature store: strict types, no unknown keys, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ViewSettings(StoreSection):
    """What one view has of its own; what is not said is that of the study."""

    owner: Words | None = None
    description: Words | None = None
    freshness_days: Days | None = None


class StoreStudy(StoreSection):
    """How one study is served.

    `source` is `features` for event tables and `prepared` for a table of customers, whose rows are
    all of the day `as_of`. `entity` names what a row is about. With `ids: pseudonyms`, Feast never
    sees the ids of the data. Values older than `freshness_days` are not served.
    """

    source: Literal["features", "prepared"]
    entity: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    ids: Literal["published", "pseudonyms"]
    owner: Words
    freshness_days: Days
    as_of: Day | None = None
    views: dict[str, ViewSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.source == "prepared" and self.as_of is None:
            raise ValueError("rows of a table have no date of their own; add as_of: their day")
        if self.source == "features" and self.as_of is not None:
            raise ValueError("features of events have their reference dates; remove as_of")
        return self


class Store(StoreSection):
    """Where online values are, and the studies that are served."""

    online: Annotated[str, AfterValidator(_without_credentials)] = SQLITE
    studies: dict[str, StoreStudy] = Field(default_factory=dict)


def wrong_store_studies(
    store: Store, studies: Sequence[str], event_studies: Sequence[str]
) -> list[str]:
    """Return one line per served study that is unknown, or whose source is not that of its kind."""
    lines = unknown_names("store.studies", "study", store.studies, studies)
    known: Mapping[str, StoreStudy] = {k: v for k, v in store.studies.items() if k in studies}
    for study, served in known.items():
        source = "features" if study in event_studies else "prepared"
        if served.source != source:
            lines.append(
                f"store.studies.{study}.source: '{served.source}', but the study is "
                f"{'one of events' if source == 'features' else 'one of a table'}; write {source}"
            )
    return lines
