"""Scores in a file: parts beside it while it is made, one file and a receipt in the end."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from churnlab.batch.progress import Progress, State, differences
from churnlab.errors import ChurnlabError

KINDS = (".csv", ".parquet")


class FileTarget:
    """A CSV or Parquet file that belongs to one run.

    While it is made, `.<name>.parts/` holds scored batches and `state.json`, which says how far
    they go. In the end they become the file, and `<name>.score.json`, its receipt, says what it is.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() not in KINDS:
            raise ChurnlabError(
                f"{path}: ends neither in .csv nor in .parquet, and is no table of a database"
            )
        self.name = str(path)
        self._path = path
        self._receipt = path.with_name(f"{path.name}.score.json")
        self._folder = path.with_name(f".{path.name}.parts")
        self._state = self._folder / "state.json"
        self._schema = self._folder / "schema.arrow"
        self._run: Mapping[str, Any] = {}
        self._parts = 0
        self._lock: IO[str] | None = None

    def state(self, run: Mapping[str, Any]) -> tuple[State | None, str]:
        """Return what is there of this run, or why nothing is that could be gone on with.

        Raises:
            ChurnlabError: the file there is none that a run wrote.
        """
        self._run = dict(run)
        receipt, begun = _document(self._receipt), _document(self._state)
        whole = self._path.is_file() and receipt.get("sha256") == _sha256(self._path)
        if whole and receipt["run"] == self._run:
            return State(Progress(**receipt["progress"]), finished=True), ""
        if begun and begun["run"] == self._run:
            self._parts = begun["parts"]
            return State(Progress(**begun["progress"]), finished=False), ""
        if self._path.exists() and not whole:
            raise ChurnlabError(
                f"{self.name}: there is such a file already, not as a run left it; move it away, "
                "or name another output"
            )
        if begun:
            return None, f"begun with another {differences(begun['run'], self._run)}"
        if whole:
            return None, f"made with another {differences(receipt['run'], self._run)}"
        return None, ""

    def start(self, run: Mapping[str, Any], schema: pa.Schema) -> None:
        """Forget what was begun, and make room for rows of a schema."""
        self._run, self._parts = dict(run), 0
        with self._writing():
            self._take()
            for old in self._folder.iterdir():
                if old != self._folder / "lock":
                    old.unlink()
            _write(self._schema, schema.serialize().to_pybytes())

    def write(self, rows: pa.Table, progress: Progress) -> None:
        """Keep rows together with the progress that they make: both, or none."""
        with self._writing():
            self._take()
            with pa.BufferOutputStream() as stream:
                with pa.ipc.new_file(stream, rows.schema) as writer:
                    writer.write_table(rows)
                _write(self._part(self._parts), stream.getvalue())
            self._parts += 1
            state = {"run": self._run, "progress": asdict(progress), "parts": self._parts}
            _write(self._state, _text(state))

    def finish(self, progress: Progress) -> None:
        """Make one file of the parts, then its receipt, and take the parts away."""
        with self._writing():
            self._take()
            whole = self._folder / "whole"
            self._join(whole)
            digest = _sha256(whole)
            whole.replace(self._path)
            receipt = {"run": self._run, "progress": asdict(progress), "sha256": digest}
            _write(self._receipt, _text(receipt))
            # First what says that there are parts, should it end in between.
            self._state.unlink()
            shutil.rmtree(self._folder)

    def close(self) -> None:
        """Let other runs write the file."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _join(self, whole: Path) -> None:
        schema = pa.ipc.read_schema(pa.BufferReader(self._schema.read_bytes()))
        is_csv = self._path.suffix.lower() == ".csv"
        make = pyarrow.csv.CSVWriter if is_csv else pq.ParquetWriter
        with make(whole, schema) as writer:
            for number in range(self._parts):
                with pa.memory_map(str(self._part(number))) as part:
                    rows = pa.ipc.open_file(part).read_all()
                    if rows.num_rows:
                        writer.write_table(rows)

    def _part(self, number: int) -> Path:
        return self._folder / f"{number:08d}.arrow"

    def _take(self) -> None:
        """Keep other runs from writing the same file; the end of the process gives it free."""
        if self._lock is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self._folder / "lock").open("w")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ChurnlabError(f"{self.name}: another run is writing it now") from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ChurnlabError(f"{self.name}: cannot be written: {error.strerror}") from error


def _document(path: Path) -> dict[str, Any]:
    return json.loads(path.read_bytes()) if path.is_file() else {}


def _text(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()


def _write(path: Path, content: Any) -> None:
    """Write a file that is there whole or not at all, even if the power fails."""
    part = path.with_name(f".{path.name}.new")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
