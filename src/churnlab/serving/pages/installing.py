"""The pages as part of the application, and what they say where something is refused."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from churnlab.serving.faults import RequestError
from churnlab.serving.pages.rendering import rendered
from churnlab.serving.pages.routes import assets, customer, drift, listing, model, signing
from churnlab.serving.pages.visits import (
    PREFIX,
    SignInFirstError,
    Visit,
    language_of,
    session_of,
    share,
    sign_in_path,
)
from churnlab.serving.service import Service, service_of


def install_pages(app: FastAPI, service: Service) -> None:
    """Add the pages to the application."""
    app.state.pages = share(service)
    for part in (signing, assets, listing, customer, model, drift):
        app.include_router(part.router)
    app.add_exception_handler(SignInFirstError, _sign_in_first)


def is_page(request: Request) -> bool:
    """Whether people read the answer."""
    return request.url.path.startswith(f"{PREFIX}/")


def refused_page(request: Request, error: RequestError) -> Response:
    """Return a page that says what was refused, in the words of its language."""
    spoken = language_of(request)
    said = spoken.known(f"error.{error.code}", error.message)
    session = session_of(request)
    key = service_of(request).keys.valid(session.key_id) if session else None
    signed = Visit(request, key, session, spoken) if session and key else None
    answer = rendered(
        request, spoken, "error.html.j2", error.status, visit=signed, said=said, code=error.status
    )
    answer.headers.update(error.headers)
    return answer


async def _sign_in_first(request: Request, _: Exception) -> Response:
    return RedirectResponse(sign_in_path(request), 303)
