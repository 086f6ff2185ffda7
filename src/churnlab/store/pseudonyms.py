"""Pseudonyms: keyed hashes of ids (HMAC-SHA-256, RFC 2104), and the key, which Git never sees."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from churnlab.errors import ChurnlabError

log = logging.getLogger(__name__)

VARIABLE = "CHURNLAB_PSEUDONYM_KEY"
SHORTEST_KEY = 32
# 128 bits: of a million customers, two share one with a chance below 1e-26.
DIGITS = 32
PSEUDONYM = re.compile(rf"[0-9a-f]{{{DIGITS}}}")


@dataclass(frozen=True)
class PseudonymKey:
    """The secret; its `name` tells keys apart and tells nothing of the secret."""

    secret: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Eight hexadecimal digits that change with the secret."""
        return self._digest("name of the key")[:8]

    def pseudonyms(self, study: str, ids: Iterable[str]) -> list[str]:
        """Return the pseudonyms of ids; of one person in two studies they differ."""
        return [self._digest(f"{study}:{one}")[:DIGITS] for one in ids]

    def _digest(self, text: str) -> str:
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()


def load_key(file: Path, environment: Mapping[str, str], create: bool = False) -> PseudonymKey:
    """Return the key of the environment, or else of the file.

    Args:
        file: holds the key of this machine, for its owner's eyes alone.
        environment: may hold the key in `CHURNLAB_PSEUDONYM_KEY`.
        create: draw a key and write the file where there is neither.

    Raises:
        ChurnlabError: there is no key, it is too short, or others may read its file.
    """
    if VARIABLE in environment:
        return _checked(environment[VARIABLE], VARIABLE)
    if not file.exists():
        if not create:
            raise ChurnlabError(
                f"{file}: there is no key for pseudonyms; set {VARIABLE} to the one in use, or run "
                "`churnlab store apply` to draw a new one"
            )
        _draw(file)
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ChurnlabError(
            f"{file}: others may read the key of the pseudonyms; run `chmod 600 {file}`, and "
            "draw a new key if somebody may have seen it"
        )
    return _checked(file.read_text(encoding="ascii"), str(file))


def _draw(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Exclusive, and never readable by others, not even for a moment.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(secrets.token_hex(32) + "\n")
    log.warning("%s: a new key for pseudonyms was drawn; keep a copy in a safe place", file)


def _checked(text: str, where: str) -> PseudonymKey:
    secret = text.strip()
    if len(secret) < SHORTEST_KEY:
        raise ChurnlabError(
            f"{where}: the key has {len(secret)} characters and {SHORTEST_KEY} are needed; make "
            "one with `openssl rand -hex 32`"
        )
    return PseudonymKey(secret.encode())
