"""Published bytes, from the repository, a mirror or the public address, always by their hash."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from churnlab.config import Catalog
from churnlab.errors import ChurnlabError
from churnlab.paths import catalog_path, published_path

MIRROR_VARIABLE = "CHURNLAB_DATA_MIRROR"
DEFAULT_MIRROR = "../shared/data"
TIMEOUT_SECONDS = 60.0


def default_mirror(root: Path, environment: Mapping[str, str]) -> Path:
    """Return the mirror that the environment declares, else the folder beside the repository."""
    declared = environment.get(MIRROR_VARIABLE)
    return Path(declared) if declared else root / DEFAULT_MIRROR


def fetch(
    catalog: Catalog, root: Path, mirror: Path | None = None, timeout: float = TIMEOUT_SECONDS
) -> bytes:
    """Return the published bytes of a study; `mirror` defaults to what the environment declares.

    The first place that has the file counts: `source.published_path` in the repository, then
    `<mirror>/<study>/<file>`, then `source.url`. A wrong file there is an error, never a reason to
    look further, so that nobody works on other data than they believe.

    Raises:
        ChurnlabError: no place has the file, or its SHA-256 is not that of the catalog.
    """
    mirror = default_mirror(root, os.environ) if mirror is None else mirror
    for place in _local_places(catalog, root, mirror):
        if place.is_file():
            return _verified(place.read_bytes(), catalog, str(place), root)
    if catalog.source.url is None:
        raise _unavailable(catalog, root, mirror, "the catalog gives no public address")
    try:
        with urllib.request.urlopen(catalog.source.url, timeout=timeout) as response:
            content: bytes = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise _unavailable(catalog, root, mirror, f"the address cannot be read: {error}") from error
    return _verified(content, catalog, catalog.source.url, root)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of `content` as 64 hexadecimal digits (FIPS 180-4)."""
    return hashlib.sha256(content).hexdigest()


def _local_places(catalog: Catalog, root: Path, mirror: Path) -> list[Path]:
    source = catalog.source
    shipped = [published_path(root, source.published_path)] if source.published_path else []
    return [*shipped, mirror / catalog.name / source.file]


def _verified(content: bytes, catalog: Catalog, place: str, root: Path) -> bytes:
    source = catalog.source
    if (actual := sha256(content)) == source.sha256:
        return content
    difference = len(content) - source.bytes
    shape = "truncated" if difference < 0 else "longer" if difference else "altered"
    raise ChurnlabError(
        f"{place}: the file is {shape}, it is not the published {source.file}\n"
        f"  size   {len(content):,} bytes, expected {source.bytes:,}\n"
        f"  sha256 {actual}, expected {source.sha256}\n"
        "Remove it and fetch it again; if the publisher changed the file on purpose, review it and "
        f"update source.sha256 and source.bytes in {catalog_path(root, catalog.name)}"
    )


def _unavailable(catalog: Catalog, root: Path, mirror: Path, reason: str) -> ChurnlabError:
    source = catalog.source
    places = ", ".join(str(place) for place in _local_places(catalog, root, mirror))
    return ChurnlabError(
        f"{source.file} (study {catalog.name}) is not available: {reason}\n"
        f"  looked in {places}\n"
        f"  address   {source.url or 'none'}\n"
        f"  sha256    {source.sha256}, {source.bytes:,} bytes\n"
        f"Download it elsewhere, put it at {mirror / catalog.name / source.file}, or name another "
        f"folder that holds {catalog.name}/{source.file} in {MIRROR_VARIABLE}. Meanwhile "
        "`dvc repro report@telecom` runs the study whose file ships with the repository, and "
        "`dvc repro -k` runs everything that does not need this file."
    )
