"""Around every request: measures, an audit line, a time limit, safe headers, one form of errors."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from churnlab.serving.faults import RequestError
from churnlab.serving.service import Service

log = logging.getLogger(__name__)
audit = logging.getLogger("churnlab.audit")

# OWASP Secure Headers Project and REST Security Cheat Sheet; pages bring a policy of their own.
SAFE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000; includeSubDomains"
_encode = msgspec.json.Encoder().encode


def error_response(error: RequestError) -> Response:
    """Return an error as every endpoint tells it."""
    content = {"error": {"code": error.code, "message": error.message, "faults": error.faults}}
    return Response(_encode(content), error.status, error.headers, "application/json")


class Around:
    """The outermost layer; what goes wrong inside is answered, counted and logged here."""

    def __init__(
        self,
        app: ASGIApp,
        service: Service,
        first: BaseRoute,
        tell: Callable[[Request, RequestError], Response],
    ) -> None:
        self.app = app
        self.service = service
        self.tell = tell
        # Most requests are for this one: they are spared what stands before the others.
        self.first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within the time limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        scope.setdefault("state", {})
        answered = 0

        async def send_safely(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", HSTS)
            await send(message)

        try:
            async with asyncio.timeout(self.service.settings.seconds):
                match, found = self.first.matches(scope)
                if match is Match.FULL:
                    scope.update(found)
                    await self.first.handle(scope, receive, send_safely)
                else:
                    await self.app(scope, receive, send_safely)
        except Exception as error:
            if answered:
                raise
            await self._told(error, scope)(scope, receive, send_safely)
        finally:
            self._note(scope, answered, time.perf_counter() - began)

    def _told(self, error: Exception, scope: Scope) -> Response:
        if isinstance(error, RequestError):
            told = error
        elif isinstance(error, TimeoutError):
            seconds = self.service.settings.seconds
            told = RequestError(
                503, "timed_out", f"no answer within {seconds:g} s; send fewer rows at once"
            )
        else:
            # What was sent may be personal: the place in the code is logged, and no value.
            log.error("%s %s: %s", scope["method"], _route(scope), _place(error))
            told = RequestError(500, "failed", "the service failed; the operators' log says where")
        self.service.metrics.errors.labels(told.code).inc()
        try:
            return self.tell(Request(scope), told)
        except Exception as second:  # What failed may be what a page of errors needs too.
            log.error("%s %s: %s", scope["method"], _route(scope), _place(second))
            return error_response(told)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route, metrics = _route(scope), self.service.metrics
        metrics.requests.labels(route, status).inc()
        metrics.seconds.labels(route).observe(seconds)
        key = scope["state"].get("key")
        if key is None or not audit.isEnabledFor(logging.INFO):
            return
        line: dict[str, Any] = {
            "key": key.id,
            "name": key.name,
            "role": key.role,
            "method": scope["method"],
            "route": route,
            "study": scope.get("path_params", {}).get("study"),
            "status": status,
            **scope["state"].get("noted", {}),
        }
        audit.info(_encode(line).decode())


def _route(scope: Scope) -> str:
    """Return the pattern of the path: the path itself may hold an id."""
    route = scope.get("route")
    return getattr(route, "path", "other")


def _place(error: Exception) -> str:
    trace, places = error.__traceback__, []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(places[-6:]))}"
