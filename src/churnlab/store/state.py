"""What this machine has registered and brought online of a study; small, and without ids."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from churnlab.serialization import write_json


@dataclass(frozen=True)
class Applied:
    """What is registered: the rows, the versions of the views, the name of the key."""

    rows: str
    versions: dict[str, str]
    key: str | None


@dataclass(frozen=True)
class Online:
    """What is online: where, as of which day, under which versions and key."""

    where: str
    as_of: str
    rows: str
    versions: dict[str, str]
    key: str | None

    @property
    def day(self) -> date:
        """The day as of which values are online."""
        return date.fromisoformat(self.as_of)


@dataclass(frozen=True)
class State:
    """Both, as far as they have been done."""

    applied: Applied | None = None
    online: Online | None = None

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        write_json(path, asdict(self))


def read_state(path: Path) -> State:
    """Return the state of a study; an empty one before anything was registered."""
    if not path.is_file():
        return State()
    found = json.loads(path.read_text(encoding="utf-8"))
    return State(
        applied=Applied(**found["applied"]) if found["applied"] else None,
        online=Online(**found["online"]) if found["online"] else None,
    )
