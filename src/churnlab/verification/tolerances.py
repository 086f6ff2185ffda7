"""The catalog of tolerances: how far each kind of artefact may be off, and why."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from churnlab.config.reading import read_yaml_mapping
from churnlab.config.validation import parse
from churnlab.verification.numbers import Allowance

Way = Literal["numbers", "pixels", "answers", "consequences"]
Text = Annotated[str, Field(min_length=1)]
Limit = Annotated[float, Field(ge=0, allow_inf_nan=False)]
CATALOG = "data/tolerances.yaml"


class Kind(BaseModel):
    """Files that are compared in one way; `*` in a path also matches `/`.

    Columns of tables in `ignore` hold what follows from bytes that may differ.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    paths: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    compare: Way
    absolute: Limit = 0.0
    relative: Limit = 0.0
    ignore: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    reason: Text

    @property
    def allowance(self) -> Allowance:
        """How far numbers of this kind may be apart."""
        return Allowance(self.absolute, self.relative, frozenset(self.ignore))


class Tolerances(BaseModel):
    """All kinds, in the order in which they are tried."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    kinds: Annotated[dict[str, Kind], Field(min_length=1)]

    def kind_of(self, path: str) -> tuple[str, Kind] | None:
        """Return the name of the first kind that a file belongs to, and the kind."""
        for name, kind in self.kinds.items():
            if any(fnmatchcase(path, pattern) for pattern in kind.paths):
                return name, kind
        return None


def load_tolerances(root: Path) -> Tolerances:
    """Return the catalog of tolerances of the repository at `root`.

    Raises:
        ChurnlabError: the file is missing or not YAML, or holds unknown, missing or wrong keys and
            values; all of them are named with their path and the nearest right one.
    """
    path = root / CATALOG
    return parse(Tolerances, read_yaml_mapping(path), path)
