"""What a study serves: views, their fields, owners, versions; read and written as views.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from churnlab.errors import ChurnlabError

FieldType = Literal["float64", "string"]
Ids = Literal["published", "pseudonyms"]
MOMENT = "event_timestamp"


@dataclass(frozen=True)
class ViewField:
    """One feature: its type, meaning, unit and privacy; `empty` says what stands for nothing."""

    name: str
    type: FieldType
    description: str
    unit: str
    privacy: str
    empty: str


@dataclass(frozen=True)
class View:
    """Features that are made, owned and served together; `online` where models see any of them."""

    name: str
    description: str
    owner: str
    version: str
    freshness_days: int
    online: bool
    fields: tuple[ViewField, ...]


@dataclass(frozen=True)
class Rows:
    """The rows behind the views: how many, of how many entities, of which days, in which bytes."""

    rows: int
    entities: int
    days: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class StoreDocument:
    """All that a study serves; `inputs` are the columns that models see, in their order."""

    study: str
    title: str
    entity: str
    ids: Ids
    timezone: str
    inputs: tuple[str, ...]
    views: tuple[View, ...]
    rows: Rows

    @property
    def online_views(self) -> tuple[View, ...]:
        """The views whose values go online."""
        return tuple(view for view in self.views if view.online)

    @property
    def versions(self) -> dict[str, str]:
        """The version of each view."""
        return {view.name: view.version for view in self.views}

    def view_of(self, field: str) -> View:
        """Return the view of a feature, which belongs to one view alone."""
        return next(v for v in self.views if any(f.name == field for f in v.fields))

    def content(self) -> dict[str, Any]:
        """Return it as plain dicts and lists."""
        return asdict(self)


def read_document(path: Path, study: str) -> StoreDocument:
    """Return what the `store` stage wrote.

    Raises:
        ChurnlabError: it has not run.
    """
    if not path.is_file():
        raise ChurnlabError(f"{path}: there is no such file; run `dvc repro store@{study}` first")
    found = json.loads(path.read_text(encoding="utf-8"))
    views = tuple(
        View(**{**view, "fields": tuple(ViewField(**field) for field in view["fields"])})
        for view in found["views"]
    )
    rows = Rows(**{**found["rows"], "days": tuple(found["rows"]["days"])})
    return StoreDocument(
        **{**found, "inputs": tuple(found["inputs"]), "views": views, "rows": rows}
    )
