"""Bundles as files: complete, unaltered, and named by their content. Standard library alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from churnlab.errors import ChurnlabError

MANIFEST = "manifest.json"
GRAPH = "model.onnx"
# Beside the bundle, and not part of it: what people read, in words of the catalog.
WORDS = "words.json"
VERSION_DIGITS = 12


def version_of(bundle: Path) -> str:
    """Return the beginning of the manifest's hash, after every file was held against it.

    Raises:
        ChurnlabError: there is no manifest, it is none, or a file is missing or altered.
    """
    manifest = bundle / MANIFEST
    if not manifest.is_file():
        raise ChurnlabError(f"{manifest}: there is no such file; is {bundle} an exported bundle?")
    for name, expected in _files(manifest).items():
        path = bundle / name
        actual = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
        if actual != expected:
            raise ChurnlabError(
                f"{path}: sha256 is {actual}, but the manifest says {expected}; publish the "
                "bundle again from where it was exported"
            )
    return hashlib.sha256(manifest.read_bytes()).hexdigest()[:VERSION_DIGITS]


def _files(manifest: Path) -> dict[str, str]:
    """Return the hash of every file by its name."""
    try:
        return dict(json.loads(manifest.read_bytes()))
    except (TypeError, ValueError):
        raise ChurnlabError(
            f"{manifest}: is no manifest; publish the bundle again from where it was exported"
        ) from None


def copy_bundle(bundle: Path, target: Path, words: Mapping[str, Any]) -> None:
    """Copy the files of the manifest, and write the words beside them."""
    target.mkdir(parents=True)
    for name in [*json.loads((bundle / MANIFEST).read_bytes()), MANIFEST]:
        (target / name).write_bytes((bundle / name).read_bytes())
    text = json.dumps(words, indent=2, sort_keys=True, ensure_ascii=False)
    (target / WORDS).write_text(text + "\n", encoding="utf-8")
