"""Whether the libraries that run are those that the revision locks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LOCK = "requirements.txt"


@dataclass(frozen=True)
class OtherVersion:
    """A library of the lock file that is installed in another version, or not at all."""

    name: str
    locked: str
    installed: str | None


def other_versions(checkout: Path) -> list[OtherVersion] | None:
    """Return the libraries that are not as the checkout's lock file has them; None without one.

    What is installed is what a stage would import, since stages run with this interpreter.
    """
    lock = checkout / LOCK
    if not lock.is_file():
        return None
    pairs = ((name, pin, _installed(name)) for name, pin in _pins(lock.read_text(encoding="utf-8")))
    return [OtherVersion(*found) for found in pairs if found[1] != found[2]]


def _pins(lock: str) -> Iterator[tuple[str, str]]:
    """Yield name and version of what the lock file asks for on this machine."""
    from packaging.requirements import InvalidRequirement, Requirement

    for line in lock.splitlines():
        if not line or line[0] in "#- \t":
            continue
        try:
            requirement = Requirement(line.rstrip(" \\"))
        except InvalidRequirement:
            continue  # An address or an option of pip: nothing with a version to compare.
        pins = [pin.version for pin in requirement.specifier if pin.operator == "=="]
        if pins and (requirement.marker is None or requirement.marker.evaluate()):
            yield requirement.name, pins[0]


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
