"""Where `ingest` will find the file again, without Git ever taking it in by accident."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churnlab.data.sources import default_mirror
from churnlab.errors import ChurnlabError
from churnlab.serialization import write_text

BLOCK = 2**20


@dataclass(frozen=True)
class Location:
    """How the catalog names the file, in words for the person, and what Git must not take in.

    Attributes:
        entries: of `source` in the catalog.
        words: where `ingest` will look.
        ignore: line for .gitignore, None where the file is out of Git's reach.
    """

    entries: dict[str, Any]
    words: str
    ignore: str | None = None


def locate(file: Path, root: Path, study: str, url: str | None) -> Location:
    """Return how `ingest` finds `file`: shipped with the repository, mirrored, or by address.

    A file that Git has is named by its path in the repository; one that lies where the mirror has
    it needs no more; any other by `url`, or by its own path on this machine.

    Raises:
        ChurnlabError: the file's name cannot stand in a catalog.
    """
    file, root = file.resolve(), root.resolve()
    if "\\" in file.name:
        raise ChurnlabError(f"{file}: rename the file; its name must not have a backslash")
    digest, size = _sha256(file)
    entries: dict[str, Any] = {"file": file.name}
    known = {"sha256": digest, "bytes": size, "licence": "not stated; do not pass the file on"}
    inside = file.relative_to(root).as_posix() if file.is_relative_to(root) else None
    if inside is not None and _git(root, "ls-files", "--error-unmatch", "--", inside):
        entries["published_path"] = inside
        return Location(entries | known, f"{inside}, which Git has")
    ignore = None
    if inside is not None and not _git(root, "check-ignore", "--quiet", "--", inside):
        ignore = f"/{inside}"
    mirrored = (default_mirror(root, os.environ) / study / file.name).resolve()
    if url is None and mirrored == file:
        return Location(entries | known, f"the mirror folder {mirrored.parents[1]}", ignore)
    entries["url"] = url or file.as_uri()
    return Location(entries | known, entries["url"], ignore)


def ignore_in_git(root: Path, line: str) -> None:
    """Add a line to .gitignore, once."""
    path = root / ".gitignore"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if line in text.splitlines():
        return
    gap = "" if not text or text.endswith("\n") else "\n"
    write_text(path, f"{text}{gap}{line}\n")


def _sha256(file: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _git(root: Path, *arguments: str) -> bool:
    """Whether a question to Git is answered with yes; outside a repository it never is."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0
