"""The folder of deployments: versions side by side, and a record of which one answers."""

from __future__ import annotations

import fcntl
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from churnlab.deployments.bundles import WORDS, copy_bundle, version_of
from churnlab.deployments.record import Action, Change, Deployment, read_record, write_record
from churnlab.errors import ChurnlabError

RECORD, VERSIONS, LOCK = "current.json", "versions", ".lock"
SHORTEST_REASON = 10
STUDY = re.compile(r"[a-z][a-z0-9_]*")


def utc_now() -> str:
    """Return the time as 2026-01-31T12:00:00Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Deployments:
    """Versions in `<root>/<study>/versions/`, and what answers in `<root>/<study>/current.json`.

    Every change is made under a lock and in one step, so that processes that serve and people that
    promote need not know of each other.
    """

    root: Path
    now: Callable[[], str] = utc_now

    def studies(self) -> list[str]:
        """Return the studies that have a version in service."""
        return sorted(path.parent.name for path in self.root.glob(f"*/{RECORD}"))

    def versions(self, study: str) -> list[str]:
        """Return the versions that are here, in service or not."""
        return sorted(path.name for path in self._folder(study).glob(f"{VERSIONS}/[0-9a-f]*"))

    def record_path(self, study: str) -> Path:
        """Return the file whose change tells that another version answers."""
        return self._folder(study) / RECORD

    def bundle(self, study: str, version: str) -> Path:
        """Return the folder of a version."""
        return self._folder(study) / VERSIONS / version

    def current(self, study: str) -> Deployment | None:
        """Return what answers for a study; None before the first promotion."""
        return read_record(self.record_path(study))

    def intact(self, study: str, version: str) -> bool:
        """Return whether a version is here with its words, each file as the manifest says."""
        folder = self.bundle(study, version)
        try:
            return version_of(folder) == version and (folder / WORDS).is_file()
        except (ChurnlabError, OSError):
            return False

    def add(self, study: str, bundle: Path, words: Mapping[str, Any]) -> str:
        """Copy a bundle here, not yet in service, and return its version.

        Adding a version that is here already changes its words, and mends what was altered.

        Raises:
            ChurnlabError: a file of the bundle is missing or altered.
        """
        version = version_of(bundle)
        with self._locked(study) as folder:
            # Beside its place: it is there whole, or not at all.
            part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder))
            try:
                copy_bundle(bundle, part / version, words)
                target = self.bundle(study, version)
                if target.exists():
                    # File by file: whoever reads meanwhile never finds one missing.
                    for file in (part / version).iterdir():
                        file.replace(target / file.name)
                else:
                    target.parent.mkdir(exist_ok=True)
                    (part / version).rename(target)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        return version

    def promote(self, study: str, version: str, by: str, why: str) -> Deployment:
        """Put a version into service.

        Raises:
            ChurnlabError: it is not here or altered, the study is pinned, or the reason is short.
        """
        with self._locked(study):
            present = self.current(study)
            if present and present.pinned:
                raise ChurnlabError(f"{study}: {pinned(present)}; take the pin off first")
            return self._change(study, present, "promote", version, by, why)

    def roll_back(self, study: str, by: str, why: str, version: str | None = None) -> Deployment:
        """Put the version before, or the named one, into service; a pin does not hold this up.

        Raises:
            ChurnlabError: nothing is in service, there is no other version, the named one has never
                been in service, or the reason is short.
        """
        with self._locked(study):
            present = self._present(study)
            if version:
                check_served(study, present, version)
            target = version or present.previous
            if target is None:
                raise ChurnlabError(
                    f"{study}: {present.version} is the first version in service; there is none "
                    "to roll back to"
                )
            return self._change(study, present, "roll back", target, by, why)

    def pin(self, study: str, by: str, why: str, pinned: bool = True) -> Deployment:
        """Refuse promotions until the pin is taken off, or take it off.

        Raises:
            ChurnlabError: nothing is in service, or the reason is too short.
        """
        with self._locked(study):
            present = self._present(study)
            action: Action = "pin" if pinned else "unpin"
            return self._change(study, present, action, present.version, by, why, pinned)

    def _change(
        self,
        study: str,
        present: Deployment | None,
        action: Action,
        version: str,
        by: str,
        why: str,
        pinned: bool | None = None,
    ) -> Deployment:
        check_reason(study, why)
        folder = self.bundle(study, version)
        if not folder.is_dir():
            known = ", ".join(self.versions(study)) or "none"
            raise ChurnlabError(f"{study}: there is no version {version} here; known: {known}")
        if version_of(folder) != version:
            raise ChurnlabError(f"{folder}: the bundle there is not version {version}")
        origin = present.version if present else None
        change = Change(action, by, self.now(), origin, version, why.strip())
        before = present or Deployment(version)
        after = replace(
            before,
            version=version,
            pinned=before.pinned if pinned is None else pinned,
            changes=(*before.changes, change),
        )
        write_record(self.record_path(study), after)
        return after

    def _present(self, study: str) -> Deployment:
        present = self.current(study)
        if present is None:
            raise ChurnlabError(f"{study}: no version is in service; promote one first")
        return present

    def _folder(self, study: str) -> Path:
        if not STUDY.fullmatch(study):
            raise ChurnlabError(f"'{study}': a study's name has small letters, digits and _ alone")
        return self.root / study

    @contextmanager
    def _locked(self, study: str) -> Iterator[Path]:
        folder = self._folder(study)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def pinned(present: Deployment) -> str:
    """Return to what a study is pinned, by whom and why."""
    by = f" by {present.pinner.by}: {present.pinner.why}" if present.pinner else ""
    return f"pinned to {present.version}{by}"


def check_served(study: str, present: Deployment, version: str) -> None:
    """Raise where a version has never been in service: it may not have passed the gate.

    Raises:
        ChurnlabError: says which versions have.
    """
    if version not in present.served:
        raise ChurnlabError(
            f"{study}: {version} has never been in service, so there is no rolling back to it; "
            f"these have: {', '.join(present.served)}; `churnlab promote` puts another one there"
        )


def check_reason(study: str, why: str) -> None:
    """Raise where a reason says too little for those who read it a year later.

    Raises:
        ChurnlabError: it has fewer than ten characters.
    """
    if len(why.strip()) < SHORTEST_REASON:
        raise ChurnlabError(
            f"{study}: the reason '{why.strip()}' is too short; say why in at least "
            f"{SHORTEST_REASON} characters, it is kept"
        )
