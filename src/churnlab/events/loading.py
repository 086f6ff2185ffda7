"""Published CSV or Parquet files into typed tables of a database."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from churnlab.config.event_catalog import EventColumnType, EventTable
from churnlab.config.validation import unknown_names
from churnlab.errors import ChurnlabError
from churnlab.events.engine import literal, quoted

if TYPE_CHECKING:
    import duckdb

# The column that says that a value of the row could not be read as its type.
UNREADABLE = "_unreadable"
# Beginnings of the lines that say what is wrong with a row without quoting it.
TOLD = (
    "Expected Number of Columns",
    "Invalid unicode",
    "Maximum line size",
    "Value with unterminated quote",
)
FORMATS = "['%Y-%m-%d %H:%M:%S', '%Y-%m-%d', '%Y-%m-%d %H:%M:%S.%f']"


def load(connection: duckdb.DuckDBPyConnection, name: str, table: EventTable, file: Path) -> None:
    """Create the table `name` from `file`, its columns typed as declared.

    Values that cannot be read as their type are null there, and `_unreadable` is true in their
    rows. Columns tagged sensitive, as texts that customers wrote, stay behind.

    Raises:
        ChurnlabError: the columns are not the declared ones, or the file is not well formed.
    """
    import duckdb

    source = _source(table, file)
    try:
        types = dict(zip(*_columns(connection, source), strict=True))
        _check_columns(file, list(types), list(table.columns))
        connection.execute(f"CREATE TABLE {quoted(name)} AS {_typed(table, source, types)}")
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException) as error:
        # Not chained: DuckDB quotes the row, and with it what customers wrote.
        reason = _without_rows(str(error))
        raise ChurnlabError(f"{file}: it cannot be read: {reason}; fetch it again") from None


def _without_rows(message: str) -> str:
    """Return what DuckDB says of a file: the line's number and what is wrong, never the line."""
    lines = [line.strip() for line in message.splitlines()]
    told = [line for line in lines[1:] if line.startswith(TOLD)]
    return ", ".join([lines[0], *told])


def _source(table: EventTable, file: Path) -> str:
    if file.suffix == ".parquet":
        return f"read_parquet({literal(file)})"
    # DuckDB names columns by position, so that a file of another layout would pass unseen.
    # Letters that are not UTF-8 are told by DuckDB, with their line.
    with file.open(newline="", encoding="utf-8-sig", errors="replace") as stream:
        _check_columns(file, next(csv.reader(stream), []), list(table.columns))
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in table.columns)
    return (
        f"read_csv({literal(file)}, header = true, auto_detect = false, delim = ',', "
        f"""quote = '"', escape = '"', columns = {{{columns}}})"""
    )


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> tuple[list[str], list[str]]:
    relation = connection.sql(f"SELECT * FROM {source} LIMIT 0")
    return relation.columns, [str(kind) for kind in relation.types]


def _check_columns(file: Path, found: list[str], declared: list[str]) -> None:
    lines = unknown_names(str(file), "column", found, declared)
    lines += [f"{file}: column '{name}' is missing" for name in declared if name not in found]
    if not lines and file.suffix == ".csv" and found != declared:
        lines = [f"{file}: the columns are in another order than declared: {', '.join(found)}"]
    if lines:
        advice = "compare the file with the columns that the catalog declares"
        raise ChurnlabError("\n".join([*lines, advice]))


def _typed(table: EventTable, source: str, types: dict[str, str]) -> str:
    kept = {name: c for name, c in table.columns.items() if c.privacy != "sensitive"}
    values = {name: _value(quoted(name), c.type, types[name]) for name, c in kept.items()}
    doubtful = [
        f"({quoted(name)} IS NOT NULL AND {value} IS NULL)"
        for name, value in values.items()
        if kept[name].type != "text"
    ]
    selected = [f"{value} AS {quoted(name)}" for name, value in values.items()]
    flag = f"{' OR '.join(doubtful) or 'false'} AS {UNREADABLE}"
    return f"SELECT {', '.join([*selected, flag])} FROM {source}"


def _value(column: str, kind: EventColumnType, stored: str) -> str:
    """Return the SQL of a value as its declared type, null where it cannot be read."""
    if kind == "text":
        return f"CAST({column} AS VARCHAR)"
    if kind == "time":
        if stored == "VARCHAR":
            return f"try_strptime({column}, {FORMATS})"
        return f"TRY_CAST({column} AS TIMESTAMP)"
    number = f"TRY_CAST({column} AS DOUBLE)"
    if kind == "number":
        return f"CASE WHEN isfinite({number}) THEN {number} END"
    # A cast to a whole number would round.
    return f"CASE WHEN {number} = floor({number}) THEN TRY_CAST({number} AS BIGINT) END"
