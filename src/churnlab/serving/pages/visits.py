"""What a page knows of a request: who asks, in which language, and whether a form is its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Depends, Request, Response

from churnlab.lists import Lists
from churnlab.serving.access import may
from churnlab.serving.bodies import read_body
from churnlab.serving.faults import RequestError
from churnlab.serving.keys import Key
from churnlab.serving.pages.attempts import Attempts
from churnlab.serving.pages.languages import Language, chosen
from churnlab.serving.pages.sessions import Session, Sessions, same_form_token
from churnlab.serving.service import Service, service_of

PREFIX = "/app"
SIGN_IN = f"{PREFIX}/sign-in"
SESSION, FORM, LANGUAGE = "churnlab_session", "churnlab_form", "churnlab_language"
LANGUAGE_SECONDS = 365 * 24 * 3600
MOST_FORM_BYTES = 65_536
# Of this page alone: neither another site nor what a browser would read as one.
OWN_PATH = re.compile(rf"{PREFIX}/[^\\\s]*")


class SignInFirstError(Exception):
    """A page that somebody who is signed in alone may see."""


@dataclass(frozen=True)
class Shared:
    """What the pages of one process share."""

    sessions: Sessions
    attempts: Attempts
    lists: Lists


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in.

    Attributes:
        request: as it came.
        key: whose page it is.
        session: of its cookie.
        language: that the page is written in.
    """

    request: Request
    key: Key
    session: Session
    language: Language

    @property
    def service(self) -> Service:
        """The service of the process."""
        return service_of(self.request)

    @property
    def lists(self) -> Lists:
        """The lists that were published."""
        return shared(self.request).lists

    def may(self, action: str) -> bool:
        """Whether the key may do an action."""
        return may(self.key.role, action)


def share(service: Service) -> Shared:
    """Return what the pages of a process share."""
    home = service.settings.home
    return Shared(Sessions(home / "session.key"), Attempts(), Lists(service.settings.lists))


def shared(request: Request) -> Shared:
    """Return what the pages of the process that answers share."""
    return request.app.state.pages


def language_of(request: Request) -> Language:
    """Return the language of the cookie, or the best that the browser accepts."""
    accepted = request.headers.get("accept-language", "")
    return chosen(request.cookies.get(cookie_name(request, LANGUAGE), ""), accepted)


def cookie_name(request: Request, name: str) -> str:
    """Return the name, which over HTTPS no other host or path can set (RFC 6265bis, 4.1.3)."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def session_of(request: Request, name: str = SESSION) -> Session | None:
    """Return the session of a cookie; None where there is none that is good."""
    token = request.cookies.get(cookie_name(request, name), "")
    return shared(request).sessions.read(token)


async def visit(request: Request) -> Visit:
    """Return the visit of somebody who is signed in.

    Raises:
        SignInFirstError: nobody is, or the key was revoked since.
        RequestError: 403 where the key's role has no page, 429 too often.
    """
    session, service = session_of(request), service_of(request)
    key = service.keys.valid(session.key_id) if session else None
    if session is None or key is None:
        raise SignInFirstError
    request.state.key = key
    if not may(key.role, "page"):
        raise RequestError(403, "not_allowed", f"a {key.role} key may not do this")
    service.count(key)
    return Visit(request, key, session, language_of(request))


Signed = Annotated[Visit, Depends(visit)]


async def posted(request: Request, session: Session | None) -> dict[str, str]:
    """Return the fields of a form that this page made for this session.

    Raises:
        RequestError: 403 where another site sent it, or it has no token, or that of another
            session; 413 where it is too large.
    """
    if not _own_site(request):
        raise RequestError(403, "other_site", "the form was sent from another site")
    body = await read_body(request, MOST_FORM_BYTES)
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if session is None or not same_form_token(session, fields.get("form_token", "")):
        raise RequestError(403, "old_form", "the form is not of this session; load the page again")
    return fields


async def form(request: Request, signed: Signed) -> dict[str, str]:
    """Return the fields of a form of somebody who is signed in."""
    return await posted(request, signed.session)


Form = Annotated[dict[str, str], Depends(form)]


def own_path(sent: str) -> str:
    """Return a path of the page to go on to, never to another site (CWE-601)."""
    return sent if OWN_PATH.fullmatch(sent) else f"{PREFIX}/"


def address_of(request: Request) -> str:
    """Return the path of a request with its query."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def sign_in_path(request: Request) -> str:
    """Return where to sign in, and come back from."""
    if request.method != "GET":
        return SIGN_IN
    return f"{SIGN_IN}?next={quote(own_path(address_of(request)), safe='')}"


def _own_site(request: Request) -> bool:
    """Whether a browser says that this site sent it; one that says nothing is left to the token."""
    if site := request.headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
