"""Who is signed in: a signed cookie, so that every worker knows it and none keeps it."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from churnlab.errors import ChurnlabError

SECRET_BYTES = 32
SECONDS = 8 * 3600
# A form for signing in: nobody is known yet, and the token of the form needs something to hang on.
NOBODY = "nobody"
NOBODY_SECONDS = 3600
TOKEN = re.compile(r"(nobody|[0-9a-f]{8})\.(\d{1,12})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Session:
    """What a cookie says.

    Attributes:
        key_id: of the API key that signed in; `nobody` before that.
        expires: seconds since 1970, UTC.
        token: the text of the cookie.
        form_token: what every form of this session must send back (OWASP: HMAC-based CSRF token).
    """

    key_id: str
    expires: int
    token: str
    form_token: str


class Sessions:
    """Signs cookies, and reads those that it signed and that are not past their time."""

    def __init__(self, secret_file: Path, now: Callable[[], float] = time.time) -> None:
        self._file = secret_file
        self._now = now
        self._known: tuple[tuple[int, int] | None, bytes] | None = None

    def begin(self, key_id: str = NOBODY) -> Session:
        """Return a new session of a key, or of nobody."""
        expires = int(self._now()) + (NOBODY_SECONDS if key_id == NOBODY else SECONDS)
        said = f"{key_id}.{expires}.{secrets.token_urlsafe(16)}"
        return self._session(key_id, expires, f"{said}.{self._sign('session', said)}")

    def read(self, token: str) -> Session | None:
        """Return the session of a cookie; None where it is forged, altered or past its time."""
        if not (parts := TOKEN.fullmatch(token)):
            return None
        said, signature = token.rsplit(".", 1)
        if not hmac.compare_digest(signature, self._sign("session", said)):
            return None
        expires = int(parts[2])
        return self._session(parts[1], expires, token) if expires > self._now() else None

    def _session(self, key_id: str, expires: int, token: str) -> Session:
        return Session(key_id, expires, token, self._sign("form", token))

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret(), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def _secret(self) -> bytes:
        """Return the secret of the file as it is now: removing that ends every session."""
        stamp = _stamp(self._file)
        if stamp is None or self._known is None or self._known[0] != stamp:
            # A file that is drawn or replaced meanwhile has another stamp next time.
            self._known = stamp, read_secret(self._file)
        return self._known[1]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def same_form_token(session: Session, sent: str) -> bool:
    """Whether a form was made for this session, compared in constant time."""
    return hmac.compare_digest(session.form_token.encode(), sent.encode())


def read_secret(path: Path) -> bytes:
    """Return the secret of a file, drawn where there is none; workers that start at once agree.

    Raises:
        ChurnlabError: the file was cut short, and anyone could sign with what is left.
    """
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, part = tempfile.mkstemp(prefix=".part-", dir=path.parent)  # 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        try:
            # Fails where another worker was first, whose secret is then read.
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            Path(part).unlink()
    found = path.read_bytes()
    if len(found) < SECRET_BYTES:
        raise ChurnlabError(
            f"{path}: {len(found)} bytes are no secret; remove the file, and another is drawn"
        )
    return found
