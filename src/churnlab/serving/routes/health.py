"""For balancers and Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from churnlab.serving.faults import RequestError
from churnlab.serving.service import service_of

router = APIRouter(tags=["operation"])


@router.get("/health")
async def health() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(request: Request) -> dict[str, object]:
    """Whether requests should be sent here: every study is loaded."""
    models = service_of(request).models
    missing = sorted(set(models.errors) - set(models.studies))
    if missing or not models.studies:
        what = f"not loaded: {', '.join(missing)}" if missing else "no version is in service"
        raise RequestError(503, "not_ready", what)
    return {
        "status": "ready",
        "versions": {study: models.of(study).version for study in models.studies},
    }


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Measures in the text format of Prometheus."""
    service = service_of(request)
    if not service.settings.open_metrics:
        service.authorise(request, "metrics")
    text = await run_in_threadpool(service.metrics.exposition)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
