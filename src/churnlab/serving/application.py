"""The application: endpoints, and what a process does when it starts and stops."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from churnlab.serving.faults import Fault, RequestError, invalid_rows, shown
from churnlab.serving.middleware import Around, error_response
from churnlab.serving.openapi import Description
from churnlab.serving.pages.installing import install_pages, is_page, refused_page
from churnlab.serving.routes import customers, health, model, predict
from churnlab.serving.service import Service, service_of
from churnlab.serving.settings import Settings, read_settings

API = "1"


def from_environment() -> FastAPI:
    """Return the application of a worker process."""
    return create_application(read_settings(os.environ))


def create_application(settings: Settings) -> FastAPI:
    """Return the application with its endpoints."""
    service = Service(settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(service.models.refresh)
        warming = asyncio.create_task(run_in_threadpool(customers.warm_up, service))
        watching = asyncio.create_task(service.models.watch(settings.watch_seconds))
        yield
        await warming
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

    app = FastAPI(
        title="Churnlab",
        version=API,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.service = service
    app.add_middleware(Around, service=service, first=predict.ROUTE, tell=_tell)
    app.add_exception_handler(RequestError, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _not_found)
    for part in (health, customers, model):
        app.include_router(part.router)
    install_pages(app, service)
    app.router.routes.insert(0, predict.ROUTE)

    description = Description(app, service)

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> Response:
        # Its examples are rows of real customers.
        service.authorise(request, "model")
        return Response(description.encoded(), media_type="application/json")

    return app


def _tell(request: Request, error: RequestError) -> Response:
    """Return an error as people read it on a page, or as programs do everywhere else."""
    return refused_page(request, error) if is_page(request) else error_response(error)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    service_of(request).metrics.errors.labels(error.code).inc()
    return _tell(request, error)


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(None, ".".join(map(str, wrong["loc"][1:])), shown(wrong.get("input")), wrong["msg"])
        for wrong in error.errors()
    ]
    return await _refused(request, invalid_rows(faults))


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = RequestError(
        error.status_code,
        "no_endpoint" if error.status_code in (404, 405) else "refused",
        f"{error.detail}; /openapi.json lists what there is, to whoever has a key",
        headers=dict(error.headers or {}),
    )
    return await _refused(request, told)
