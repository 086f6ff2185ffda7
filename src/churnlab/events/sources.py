"""The published files of an event study, from the mirror or the public address, by their hashes."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import urllib.request
from pathlib import Path
from typing import BinaryIO, NamedTuple

from churnlab.config import EventCatalog
from churnlab.config.event_catalog import EventTable
from churnlab.data.sources import MIRROR_VARIABLE, TIMEOUT_SECONDS, default_mirror
from churnlab.errors import ChurnlabError
from churnlab.paths import catalog_path

CHUNK = 1 << 20
ABSENT = "not in the mirror; optional tables are never downloaded"


class Digest(NamedTuple):
    """What identifies the bytes of a file: their number, SHA-256, and id as a blob of Git."""

    bytes: int
    sha256: str
    git_blob: str


def bring(
    catalog: EventCatalog, root: Path, folder: Path, mirror: Path | None = None
) -> dict[str, Digest]:
    """Copy every verified file into `folder`; return those that came, by table.

    A required file comes from `<mirror>/<study>/<file>`, else from its address; an optional one
    from the mirror or not at all. Files of tables that did not come are removed from `folder`.
    Nothing is held in memory.

    Args:
        catalog: declares the tables.
        root: of the repository, beside which the default mirror lies.
        folder: where the files go.
        mirror: defaults to what the environment declares.

    Raises:
        ChurnlabError: a required file is nowhere, or a file is not the published one, or no hash of
            it is known.
    """
    mirror = default_mirror(root, os.environ) if mirror is None else mirror
    folder.mkdir(parents=True, exist_ok=True)
    came: dict[str, Digest] = {}
    for name, table in catalog.tables.items():
        place = mirror / catalog.name / table.file
        if place.is_file() or table.required:
            came[name] = _copy(catalog, name, place, folder / table.file, root)
        else:
            (folder / table.file).unlink(missing_ok=True)
    return came


def record(catalog: EventCatalog, came: dict[str, Digest]) -> dict[str, object]:
    """Return which tables came, with what identifies their files, and which are absent and why."""
    return {
        "absent": {
            name: {"file": table.file, "reason": ABSENT}
            for name, table in catalog.tables.items()
            if name not in came
        },
        "present": {
            name: {"file": catalog.tables[name].file, "bytes": d.bytes, "sha256": d.sha256}
            for name, d in came.items()
        },
    }


def digest(file: Path) -> Digest:
    """Return what identifies the bytes of `file`, read in chunks."""
    size = file.stat().st_size
    sha256 = hashlib.sha256()
    # Git's id of a file's content: SHA-1 over a header with the length, then the bytes.
    blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            sha256.update(chunk)
            blob.update(chunk)
    return Digest(size, sha256.hexdigest(), blob.hexdigest())


def _copy(catalog: EventCatalog, name: str, place: Path, target: Path, root: Path) -> Digest:
    part = target.with_name(f".{target.name}.part")
    try:
        origin = _fetch(catalog, name, place, part)
        found = digest(part)
        _verify(catalog, name, found, origin, root)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return found


def _fetch(catalog: EventCatalog, name: str, place: Path, part: Path) -> str:
    """Write the bytes of the mirror's file, or of the address, to `part`; return which it was."""
    table = catalog.tables[name]
    if place.is_file():
        with place.open("rb") as stream:
            _drain(stream, part)
        return str(place)
    if table.url is None:
        raise _unavailable(catalog, name, place, "the catalog gives no public address")
    try:
        with urllib.request.urlopen(table.url, timeout=TIMEOUT_SECONDS) as response:
            _drain(response, part)
    except (OSError, http.client.HTTPException) as error:
        reason = f"the address cannot be read: {error}"
        raise _unavailable(catalog, name, place, reason) from error
    return table.url


def _drain(stream: BinaryIO, part: Path) -> None:
    with part.open("wb") as target:
        shutil.copyfileobj(stream, target, CHUNK)


def _verify(catalog: EventCatalog, name: str, found: Digest, origin: str, root: Path) -> None:
    table = catalog.tables[name]
    where = f"{catalog_path(root, catalog.name)}, events.tables.{name}"
    if table.unverified:
        raise ChurnlabError(
            f"{origin}: no hash of this file is known, so it cannot be verified: "
            f"{table.unverified}\n  size   {found.bytes:,} bytes\n  sha256 {found.sha256}\n"
            f"If you trust the file, write these two into {where} in place of unverified; "
            "else take it out of the mirror, and the study runs without it"
        )
    if lines := _differences(table, found):
        raise ChurnlabError(
            f"{origin}: it is not the published {table.file}\n"
            + "".join(f"  {line}\n" for line in lines)
            + "Remove it and fetch it again; if the publisher changed the file on purpose, review "
            f"it and correct {where}"
        )


def _differences(table: EventTable, found: Digest) -> list[str]:
    expected = {"bytes": table.bytes, "sha256": table.sha256, "git_blob": table.git_blob}
    return [
        f"{key:8} {getattr(found, key)}, expected {value}"
        for key, value in expected.items()
        if value is not None and getattr(found, key) != value
    ]


def _unavailable(catalog: EventCatalog, name: str, place: Path, reason: str) -> ChurnlabError:
    table = catalog.tables[name]
    return ChurnlabError(
        f"{table.file} (study {catalog.name}, table {name}) is not available: {reason}\n"
        f"  looked in {place}\n"
        f"  address   {table.url or 'none'}\n"
        f"  sha256    {table.sha256}, {table.bytes or 0:,} bytes\n"
        f"Download it elsewhere, put it at {place}, or name another folder that holds "
        f"{catalog.name}/{table.file} in {MIRROR_VARIABLE}. Meanwhile `dvc repro report@telecom` "
        "runs the study whose file ships with the repository, and `dvc repro -k` runs everything "
        "that does not need this file."
    )
