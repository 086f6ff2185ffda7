"""What DVC's lock file says of a study: the content of every output, and of every run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from churnlab.errors import ChurnlabError

LOCK = "dvc.lock"


def locked_stages(text: str, study: str) -> dict[str, dict[str, Any]]:
    """Return the stages of a study by name, as the text of a dvc.lock has them."""
    import yaml

    stages: Mapping[str, Any] = (yaml.safe_load(text) or {}).get("stages", {})
    own = re.compile(rf"[a-z_]+@{re.escape(study)}(-.*)?")
    return {name: stage for name, stage in stages.items() if own.fullmatch(name)}


def outputs(stages: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the MD5 of every output by its path; a folder's ends with `.dir`."""
    return {
        out["path"]: out["md5"]
        for _, stage in sorted(stages.items())
        for out in stage.get("outs", [])
    }


def fingerprint(stages: Mapping[str, Mapping[str, Any]]) -> str:
    """Return 12 digits that change with any command, input, parameter or output of the stages."""
    text = json.dumps(stages, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def folder_hash(folder: Path) -> str:
    """Return what DVC calls a folder of this content: the MD5 of its listing, with `.dir`."""
    entries = [
        {
            "md5": hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(),
            "relpath": path.relative_to(folder).as_posix(),
        }
        for path in folder.rglob("*")
        if path.is_file()
    ]
    entries.sort(key=lambda entry: entry["relpath"])
    listing = json.dumps(entries, sort_keys=True).encode()
    return hashlib.md5(listing, usedforsecurity=False).hexdigest() + ".dir"


def check_bundle(root: Path, folder: Path, study: str, known: Mapping[str, str]) -> None:
    """Raise where an exported bundle is not the one that dvc.lock speaks of.

    Raises:
        ChurnlabError: no run made it, or it was made by another.
    """
    relative = folder.relative_to(root).as_posix()
    expected, actual = known.get(relative), folder_hash(folder)
    if expected != actual:
        raise ChurnlabError(
            f"{relative}: its content is {actual}, but dvc.lock says {expected or 'nothing of it'};"
            f" `dvc checkout {relative}` brings the committed one back, `dvc repro "
            f"export@{study}` makes it anew"
        )
