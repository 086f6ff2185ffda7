"""API keys: drawn, hashed and kept with a role; the key itself is shown once and never stored."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from churnlab.errors import ChurnlabError
from churnlab.serving.access import ROLES

KEY = re.compile(r"clk_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
NAME = re.compile(r"[\w .@-]{2,64}")
TABLE = """
CREATE TABLE IF NOT EXISTS keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL,
  created TEXT NOT NULL, expires TEXT, revoked TEXT
)"""
COLUMNS = "id, name, role, created, expires, revoked"


@dataclass(frozen=True)
class Key:
    """Who may do what. Times are UTC, as 2026-01-31T12:00:00+00:00."""

    id: str
    name: str
    role: str
    created: str
    expires: str | None
    revoked: str | None

    def valid(self, now: datetime) -> bool:
        """Whether it is neither revoked nor past its day."""
        expired = self.expires is not None and datetime.fromisoformat(self.expires) <= now
        return self.revoked is None and not expired


class Keys:
    """The keys of a file. One reader per process; a change by others is noticed at once."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._now = now
        self._known: dict[str, tuple[Key, str]] = {}
        self._stamp: tuple[int, int] | None = None
        self._reader: sqlite3.Connection | None = None

    def create(self, name: str, role: str, days: int | None = None) -> tuple[Key, str]:
        """Return a new key, and its text, which cannot be had again.

        Raises:
            ChurnlabError: no such role, or a name that logs could not show.
        """
        if role not in ROLES:
            raise ChurnlabError(f"'{role}': no such role; choose one of {', '.join(ROLES)}")
        if not NAME.fullmatch(name):
            raise ChurnlabError(f"'{name}': a name has 2 to 64 letters, digits, spaces or . @ _ -")
        if days is not None and days < 1:
            raise ChurnlabError(f"{days}: a key is valid for a day at least")
        one, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        now = self._now()
        expires = (now + timedelta(days=days)).isoformat(timespec="seconds") if days else None
        key = Key(one, name, role, now.isoformat(timespec="seconds"), expires, None)
        with self._writer() as connection:
            connection.execute(
                f"INSERT INTO keys ({COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key.id, key.name, key.role, key.created, key.expires, None, _hash(secret)),
            )
        return key, f"clk_{one}_{secret}"

    def revoke(self, one: str) -> Key:
        """Refuse a key from now on; it stays in the list.

        Raises:
            ChurnlabError: there is no such key.
        """
        with self._writer() as connection:
            connection.execute(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL",
                (self._now().isoformat(timespec="seconds"), one),
            )
        found = next((key for key in self.all() if key.id == one), None)
        if found is None:
            raise ChurnlabError(f"'{one}': no key of this id; `churnlab keys list` shows them")
        return found

    def all(self) -> list[Key]:
        """Return every key, revoked ones included, the oldest first."""
        if not self.path.is_file():
            return []
        with self._writer() as connection:
            rows = connection.execute(f"SELECT {COLUMNS} FROM keys ORDER BY created, id")
            return [Key(*row) for row in rows]

    def check(self, text: str) -> Key | None:
        """Return the key of a text; None where it is unknown, revoked or past its day."""
        if not (parts := KEY.fullmatch(text)):
            return None
        self._refresh()
        # An unknown id is compared too, so that the time taken does not tell which ids exist.
        key, expected = self._known.get(parts[1], (None, _hash("")))
        same = hmac.compare_digest(_hash(parts[2]), expected)
        return key if key and same and key.valid(self._now()) else None

    def valid(self, one: str) -> Key | None:
        """Return the key of an id that was checked before, while it is still good."""
        self._refresh()
        key, _ = self._known.get(one, (None, ""))
        return key if key and key.valid(self._now()) else None

    def _refresh(self) -> None:
        """Read the file again where it, or what is in it, is another than before."""
        try:
            inode = self.path.stat().st_ino
        except FileNotFoundError:
            self._known, self._stamp = {}, None
            return
        if self._reader is None or self._stamp is None or self._stamp[0] != inode:
            if self._reader is not None:
                self._reader.close()
            # Read by the event loop and by its threads, never by two of them at once.
            self._reader = sqlite3.connect(
                f"file:{self.path}?mode=ro", uri=True, check_same_thread=False
            )
        (changes,) = self._reader.execute("PRAGMA data_version").fetchone()
        if self._stamp == (inode, changes):
            return
        rows = self._reader.execute(f"SELECT {COLUMNS}, hash FROM keys").fetchall()
        self._known = {row[0]: (Key(*row[:-1]), row[-1]) for row in rows}
        self._stamp = (inode, changes)

    def _writer(self) -> _Writer:
        return _Writer(self.path)


class _Writer:
    """A connection that commits, or rolls back, and is closed."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Never readable by others, not even for a moment.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path, timeout=10.0)

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute(TABLE)
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._connection.commit()
        self._connection.close()


def _hash(secret: str) -> str:
    """Return SHA-256: a secret of 256 random bits needs no slow hash (NIST SP 800-132, 800-63B)."""
    return hashlib.sha256(secret.encode()).hexdigest()
