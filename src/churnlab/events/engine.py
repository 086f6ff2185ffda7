"""A DuckDB database in a temporary folder: as much memory as allowed, the rest on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "2GiB"


@contextmanager
def database(
    folder: Path, threads: int = 1, memory_limit: str = MEMORY_LIMIT
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to a new database below `folder`, which is gone afterwards.

    Args:
        folder: on the disk that is to take what does not fit into memory.
        threads: of DuckDB.
        memory_limit: of DuckDB, such as `2GiB`.
    """
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".events-", dir=folder) as temporary:
        connection = duckdb.connect(
            str(Path(temporary) / "events.duckdb"),
            config={
                "threads": threads,
                "memory_limit": memory_limit,
                "temp_directory": str(Path(temporary) / "spill"),
                "preserve_insertion_order": True,
                # Nothing may come from the network, nor be looked for there.
                "autoinstall_known_extensions": False,
            },
        )
        try:
            yield connection
        finally:
            connection.close()


def quoted(name: str | Path) -> str:
    """Return a column's or table's name as an SQL identifier."""
    return '"' + str(name).replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Return a text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the one whole number that `query` gives."""
    row = connection.sql(query).fetchone()
    return int(row[0]) if row else 0
