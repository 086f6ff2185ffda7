"""Which version answers, and every change of it: who, when, from, to, why."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Action = Literal["promote", "roll back", "pin", "unpin"]


@dataclass(frozen=True)
class Change:
    """One change of what answers; `origin` and `version` are equal where only the pin changed."""

    action: Action
    by: str
    at: str
    origin: str | None
    version: str
    why: str


@dataclass(frozen=True)
class Deployment:
    """What answers for a study.

    Attributes:
        version: the beginning of the hash of the bundle's manifest.
        pinned: a promotion is refused until it is taken off.
        changes: all of them, the oldest first.
    """

    version: str
    pinned: bool = False
    changes: tuple[Change, ...] = field(default=())

    @property
    def served(self) -> list[str]:
        """The versions that have been in service, the first one first."""
        named = [one for change in self.changes for one in (change.origin, change.version)]
        return list(dict.fromkeys(one for one in named if one))

    @property
    def pinner(self) -> Change | None:
        """The change that pinned it last; None where nobody has."""
        return next((one for one in reversed(self.changes) if one.action == "pin"), None)

    @property
    def previous(self) -> str | None:
        """What a roll-back returns to: the version in service before, roll-backs left out.

        Rolling back twice goes two versions back, and not forth again.
        """
        stack: list[str] = []
        for change in self.changes:
            if change.action == "promote":
                stack.append(change.version)
            elif change.action == "roll back":
                if change.version not in stack:
                    stack.append(change.version)
                while stack[-1] != change.version:
                    stack.pop()
        return next((one for one in reversed(stack) if one != self.version), None)


def read_record(path: Path) -> Deployment | None:
    """Return what a study's record says; None before the first promotion."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    changes = tuple(Change(**change) for change in found["changes"])
    return Deployment(found["version"], found["pinned"], changes)


def write_record(path: Path, deployment: Deployment) -> None:
    """Write the record in one step: a reader sees the old one or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with part.open("w", encoding="utf-8") as file:
        json.dump(asdict(deployment), file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
