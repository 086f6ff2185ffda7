"""Signing in with an API key, signing out, and the language."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from churnlab.serving.access import may
from churnlab.serving.keys import Key
from churnlab.serving.pages.languages import LANGUAGES
from churnlab.serving.pages.rendering import rendered
from churnlab.serving.pages.sessions import NOBODY_SECONDS, SECONDS
from churnlab.serving.pages.visits import (
    FORM,
    LANGUAGE,
    LANGUAGE_SECONDS,
    PREFIX,
    SESSION,
    SIGN_IN,
    cookie_name,
    language_of,
    own_path,
    posted,
    session_of,
    set_cookie,
    shared,
)
from churnlab.serving.service import service_of

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


@router.get("/")
async def root() -> Response:
    """Lead to the page."""
    return RedirectResponse(f"{PREFIX}/", 307)


@router.get(SIGN_IN)
async def sign_in_form(request: Request) -> Response:
    """Show where to sign in."""
    return _form(request, 200, "", own_path(request.query_params.get("next", "")))


@router.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Begin a session with a key whose role has a page."""
    fields = await posted(request, session_of(request, FORM))
    onward = own_path(fields.get("next", ""))
    attempts = shared(request).attempts
    address = request.client.host if request.client else "unknown"
    if (wait := attempts.wait(address)) > 0:
        answer = _form(request, 429, "sign_in.too_often", onward)
        answer.headers["Retry-After"] = str(max(1, round(wait)))
        return answer
    key = service_of(request).keys.check(fields.get("key", "").strip())
    if key is None:
        attempts.failed(address)
        log.warning("a sign-in from %s failed", address)
        return _form(request, 401, "sign_in.no_key", onward)
    request.state.key = key
    if not may(key.role, "page"):
        return _form(request, 403, "sign_in.no_page", onward, role=key.role)
    return _begun(request, key, onward)


@router.post(f"{PREFIX}/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session in this browser."""
    await posted(request, session_of(request))
    answer = RedirectResponse(SIGN_IN, 303, {"Clear-Site-Data": '"cache"'})
    answer.delete_cookie(
        cookie_name(request, SESSION),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


@router.get(f"{PREFIX}/language/{{tag}}")
async def speak(request: Request, tag: str) -> Response:
    """Keep a language, and go back to where it was chosen."""
    answer = RedirectResponse(own_path(request.query_params.get("next", "")), 303)
    if tag in LANGUAGES:
        set_cookie(request, answer, LANGUAGE, tag, LANGUAGE_SECONDS)
    return answer


def _begun(request: Request, key: Key, onward: str) -> Response:
    session = shared(request).sessions.begin(key.id)
    answer = RedirectResponse(onward, 303)
    set_cookie(request, answer, SESSION, session.token, SECONDS)
    return answer


def _form(request: Request, status: int, wrong: str, onward: str, **values: str) -> Response:
    """Return the form, with a token of its own: nobody is signed in yet (OWASP, login CSRF)."""
    spoken = language_of(request)
    session = session_of(request, FORM) or shared(request).sessions.begin()
    said = spoken.text(wrong, **values) if wrong else ""
    answer = rendered(
        request, spoken, "sign_in.html.j2", status, wrong=said, onward=onward, session=session
    )
    set_cookie(request, answer, FORM, session.token, NOBODY_SECONDS)
    return answer
