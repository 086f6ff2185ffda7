"""From a folder of published files to the typed tables that features read, with their quality."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from churnlab.config import EventCatalog
from churnlab.errors import ChurnlabError
from churnlab.events.engine import MEMORY_LIMIT, database, literal, number, quoted
from churnlab.events.layout import LOOKED_UP, laid_out, time_place
from churnlab.events.loading import load
from churnlab.events.rules import Finding, apply_rules
from churnlab.serialization import write_json

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger(__name__)
QUALITY = "quality.json"


def normalise(
    catalog: EventCatalog,
    raw: Path,
    into: Path,
    threads: int = 1,
    memory_limit: str = MEMORY_LIMIT,
) -> None:
    """Write `<table>.parquet` of every table that is in `raw`, and `quality.json`, into `into`.

    Rows go through a database on disk, so that memory stays within the limit. Files in `into` of
    tables that are no longer there are removed.

    Args:
        catalog: declares tables and rules.
        raw: holds the published files.
        into: receives the typed tables.
        threads: of the database; they change no byte.
        memory_limit: of the database, such as `2GiB`.

    Raises:
        ChurnlabError: a required file is missing, a file is not as declared, a rule refuses it.
    """
    present = [name for name, table in catalog.tables.items() if (raw / table.file).is_file()]
    _check_required(catalog, raw, present)
    into.mkdir(parents=True, exist_ok=True)
    with database(into.parent, threads, memory_limit) as connection:
        rows, findings = _read(connection, catalog, raw, present)
        written = [name for name in present if name not in LOOKED_UP]
        for name in written:
            _write(connection, laid_out(catalog, name, present), into / f"{name}.parquet")
    _remove_others(into, {f"{name}.parquet" for name in written})
    write_json(into / QUALITY, quality(catalog, present, rows, findings))
    _tell(catalog, findings)


def quality(
    catalog: EventCatalog,
    present: Sequence[str],
    rows: dict[str, dict[str, int]],
    findings: Sequence[Finding],
) -> dict[str, object]:
    """Return what is written to quality.json: tables, where their times come from, every rule."""
    timed = [name for name in present if catalog.tables[name].event_time]
    return {
        "absent": [name for name in catalog.tables if name not in present],
        "rules": [asdict(finding) for finding in findings],
        "tables": rows,
        "times": {
            name: {
                key: time_place(catalog, name, key, present) for key in ("event_time", "known_time")
            }
            for name in timed
        },
    }


def _read(
    connection: duckdb.DuckDBPyConnection, catalog: EventCatalog, raw: Path, present: Sequence[str]
) -> tuple[dict[str, dict[str, int]], list[Finding]]:
    """Load the tables and apply their rules; return rows read and kept, and what rules found."""
    rows: dict[str, dict[str, int]] = {}
    findings: list[Finding] = []
    for name, table in catalog.tables.items():
        if name not in present:
            findings += apply_rules(connection, name, catalog, present)
            continue
        load(connection, name, table, raw / table.file)
        read = _count(connection, name)
        findings += apply_rules(connection, name, catalog, present)
        rows[name] = {"read": read, "kept": _count(connection, name)}
    return rows, findings


def _check_required(catalog: EventCatalog, raw: Path, present: Sequence[str]) -> None:
    for name, table in catalog.tables.items():
        if table.required and name not in present:
            raise ChurnlabError(
                f"{raw / table.file}: there is no such file, and table {name} of {catalog.name} is "
                f"required; run `dvc repro ingest@{catalog.name}` first"
            )


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    return number(connection, f"SELECT count(*) FROM {quoted(name)}")


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.part")
    try:
        connection.execute(
            f"COPY ({query}) TO {literal(temporary)} "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880)"
        )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _remove_others(folder: Path, written: set[str]) -> None:
    for file in folder.glob("*.parquet"):
        if file.name not in written:
            file.unlink()


def _tell(catalog: EventCatalog, findings: Sequence[Finding]) -> None:
    for finding in findings:
        if finding.rows:
            log.warning(
                "%s: %s: %s: %s rows (%.3f%%), action %s",
                catalog.name,
                finding.table,
                finding.rule,
                f"{finding.rows:,}",
                100 * (finding.share or 0.0),
                finding.action,
            )
