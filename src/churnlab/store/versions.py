"""A version of a view: the beginning of a hash over all that decides its values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from churnlab.serialization import plain

DIGITS = 12


def version(decides: Mapping[str, Any]) -> str:
    """Return twelve hexadecimal digits that change with any of what decides the values."""
    text = json.dumps(plain(decides), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def code_hash(packages: Sequence[str]) -> str:
    """Return a hash over the source files of modules and packages, as they are imported here.

    Comments count too: what a comment is can differ between releases of Python. Line ends do not.
    """
    digest = hashlib.sha256()
    for package in sorted(packages):
        for name, content in _sources(package):
            digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _sources(package: str) -> list[tuple[str, bytes]]:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ValueError(f"{package} is not a package with source files")
    origin = Path(spec.origin)
    files = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
    return [
        (f"{package}/{file.relative_to(origin.parent).as_posix()}", _unix(file)) for file in files
    ]


def _unix(file: Path) -> bytes:
    return file.read_bytes().replace(b"\r\n", b"\n")
