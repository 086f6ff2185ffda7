"""The folder of published lists: one Parquet file per study, date and version of the model."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from churnlab.errors import ChurnlabError

STUDY = re.compile(r"[a-z][a-z0-9_]*")
FILE = re.compile(r"(undated|\d{4}-\d{2}-\d{2})_([0-9a-f]{12})")
UNDATED = "undated"
SUFFIX = ".parquet"


@dataclass(frozen=True, order=True)
class ListName:
    """Which list: as of a day (2018-09-01, or empty where rows have none), by which version."""

    date: str
    version: str

    @property
    def id(self) -> str:
        """The name as addresses and files have it."""
        return f"{self.date or UNDATED}_{self.version}"

    @classmethod
    def of(cls, id: str) -> ListName:
        """Return the name of an id.

        Raises:
            ChurnlabError: it is none, or its day is not in the calendar.
        """
        if not (parts := FILE.fullmatch(id)):
            raise ChurnlabError(
                f"'{id}': no name of a list, which is <date>_<version of the model>"
            )
        if parts[1] == UNDATED:
            return cls("", parts[2])
        try:
            date.fromisoformat(parts[1])
        except ValueError:
            raise ChurnlabError(
                f"'{id}': no name of a list, for {parts[1]} is no day of the calendar"
            ) from None
        return cls(parts[1], parts[2])


@dataclass(frozen=True)
class Lists:
    """Lists in `<folder>/<study>/<date>_<version>.parquet`, never changed once they are there."""

    folder: Path

    def studies(self) -> list[str]:
        """Return the studies that have a list."""
        files = self.folder.glob(f"*/*{SUFFIX}")
        return sorted({file.parent.name for file in files if _named(file)})

    def all(self, study: str) -> list[ListName]:
        """Return the lists of a study: the newest date first, of one date the last kept first.

        Files whose name is none of a list are left alone.
        """
        files = self._place(study).glob(f"*{SUFFIX}")
        found = [(name, file.stat().st_mtime_ns) for file in files if (name := _named(file))]
        found.sort(key=lambda one: (one[0].date, one[1]), reverse=True)
        return [name for name, _ in found]

    def latest(self, study: str) -> ListName | None:
        """Return the newest list of a study; None where it has none."""
        return next(iter(self.all(study)), None)

    def path(self, study: str, name: ListName) -> Path:
        """Return the file of a list."""
        return self._place(study) / f"{name.id}{SUFFIX}"

    def read(self, study: str, name: ListName) -> pa.Table:
        """Return the rows of a list, the highest risk first.

        Raises:
            ChurnlabError: there is no such list; names those that there are.
        """
        path = self.path(study, name)
        if not path.is_file():
            known = ", ".join(one.id for one in self.all(study)) or "none"
            raise ChurnlabError(f"{study}: there is no list {name.id}; known: {known}")
        return pq.read_table(path)

    def add(
        self, study: str, rows: pa.Table, date: str, version: str, replace: bool = False
    ) -> ListName:
        """Keep a list. The same list again changes nothing.

        Args:
            study: whose customers they are.
            rows: one row per customer.
            date: as of which they are scored; empty where rows have no date.
            version: of the model.
            replace: whether another list of the same date and version gives way.

        Raises:
            ChurnlabError: the name is none, or another list has it.
        """
        name = ListName.of(ListName(date, version).id)
        path = self.path(study, name)
        if path.is_file() and not replace:
            if not self.read(study, name).equals(rows):
                raise ChurnlabError(
                    f"{study}: there is another list of this date and model, {name.id}: its rows "
                    "differ; --replace puts this one in its place"
                )
            return name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # It names people: for the owner of the folder alone, from the first byte on.
        descriptor, part = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                pq.write_table(rows, file)
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)
        return name

    def _place(self, study: str) -> Path:
        if not STUDY.fullmatch(study):
            raise ChurnlabError(f"'{study}': a study's name has small letters, digits and _ alone")
        return self.folder / study


def _named(file: Path) -> ListName | None:
    """Return the list that a file is; None where its name is none of a list."""
    try:
        return ListName.of(file.stem)
    except ChurnlabError:
        return None
