"""The rows that could not be scored, one line per value at fault."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churnlab.batch.progress import Progress
from churnlab.errors import ChurnlabError

HEADER = "row,id,column,value,rule\n"


@dataclass(frozen=True)
class BadValue:
    """One value: the number of its row from 1 on, the row's id (None: has none), and the rule."""

    row: int
    id: Any
    column: str
    value: Any
    rule: str


@dataclass(frozen=True)
class BadRows:
    """A CSV file of values at fault."""

    path: Path

    def check(self) -> None:
        """Raise where the path holds something else.

        Raises:
            ChurnlabError: there is a file that no run wrote.
        """
        if self.path.exists() and not self._is_ours():
            raise ChurnlabError(
                f"{self.path}: there is another file already; name a new one for bad rows"
            )

    def has(self, progress: Progress) -> bool:
        """Return whether all that a run wrote so far is still there."""
        return self.path.is_file() and self.path.stat().st_size >= progress.bad_bytes

    def start(self, at: int) -> int:
        """Cut off what was written after `at`; return the length, with a header in it."""
        with self._opened("r+b" if at else "wb") as file:
            file.truncate(at)
            if not at:
                file.write(HEADER.encode())
        return at or len(HEADER)

    def append(self, values: Iterable[BadValue]) -> int:
        """Write values, and return the length of the file once they are on the disk."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows((one.row, one.id, one.column, one.value, one.rule) for one in values)
        with self._opened("ab") as file:
            file.write(text.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def _is_ours(self) -> bool:
        with self._opened("rb") as file:
            return bool(file.read(len(HEADER)) == HEADER.encode())

    def _opened(self, mode: str) -> Any:
        try:
            return self.path.open(mode)
        except OSError as error:
            raise ChurnlabError(f"{self.path}: cannot be used: {error.strerror}") from None
