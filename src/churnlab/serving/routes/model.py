"""What answers, and what answered before."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from churnlab.deployments import Deployment
from churnlab.errors import ChurnlabError
from churnlab.serving.answers import origin
from churnlab.serving.faults import RequestError
from churnlab.serving.keys import Key
from churnlab.serving.model import ServedModel
from churnlab.serving.service import Service, service_of

router = APIRouter(tags=["model"])
Why = Annotated[str, Field(min_length=10, max_length=500)]
Version = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]


def _operator(request: Request) -> Key:
    return service_of(request).authorise(request, "operate")


# Before the body is looked at: what is wrong with it is for those who may send it.
Operator = Annotated[Key, Depends(_operator)]


class Reasoned(BaseModel, extra="forbid"):
    """A change and its reason."""

    why: Why


class Promotion(Reasoned):
    """A version to put into service."""

    version: Version


class RollBack(Reasoned):
    """A version to go back to; the one before by default."""

    version: Version | None = None


@router.get("/v1/{study}/model")
async def model(study: str, request: Request) -> dict[str, Any]:
    """Which version answers: what it reads, how good it is, how it decides."""
    service = service_of(request)
    service.authorise(request, "model")
    return described(service.models.of(study))


@router.get("/v1/{study}/history")
async def history(study: str, request: Request) -> dict[str, Any]:
    """Every change of what answers: who, when, from, to, why."""
    service = service_of(request)
    service.authorise(request, "history")
    return await run_in_threadpool(_history, service, study)


@router.post("/v1/{study}/promote")
async def promote(study: str, asked: Promotion, key: Operator, request: Request) -> dict[str, Any]:
    """Put a version that was published to this machine into service."""
    service = service_of(request)
    change = service.deployments.promote
    return await _changed(service, change, study, asked.version, key.name, asked.why)


@router.post("/v1/{study}/rollback")
async def roll_back(study: str, asked: RollBack, key: Operator, request: Request) -> dict[str, Any]:
    """Put the version before, or the named one, into service again."""
    service = service_of(request)
    change = service.deployments.roll_back
    return await _changed(service, change, study, key.name, asked.why, asked.version)


@router.post("/v1/{study}/pin")
async def pin(study: str, asked: Reasoned, key: Operator, request: Request) -> dict[str, Any]:
    """Refuse promotions until the pin is taken off."""
    service = service_of(request)
    return await _changed(service, service.deployments.pin, study, key.name, asked.why)


@router.post("/v1/{study}/unpin")
async def unpin(study: str, asked: Reasoned, key: Operator, request: Request) -> dict[str, Any]:
    """Allow promotions again."""
    service = service_of(request)
    return await _changed(service, service.deployments.pin, study, key.name, asked.why, False)


def known(service: Service, study: str) -> Deployment:
    """Return what the record of a study says, also where its version could not be loaded.

    Raises:
        RequestError: 404; names the studies that there are.
    """
    studies = service.deployments.studies()
    present = service.deployments.current(study) if study in studies else None
    if present is None:
        there = ", ".join(studies) or "none yet; `churnlab promote` puts one into service"
        raise RequestError(404, "unknown_study", f"no study of this name; known: {there}")
    return present


def described(model: ServedModel) -> dict[str, Any]:
    """Return what a caller must know of a version."""
    words = model.words["columns"]
    return {
        **origin(model),
        "title": model.words.get("title", model.study),
        "entity": model.words.get("entity", "customer"),
        "threshold_reason": model.card["threshold_reason"],
        "groups": model.words["groups"],
        "metrics": model.card["metrics"],
        "range_tolerance": model.schema.tolerance,
        "unknown_categories": model.schema.unknown,
        "columns": [
            {
                "name": name,
                "type": column.kind,
                "description": words.get(name, {}).get("description", name),
                "min": column.minimum,
                "max": column.maximum,
                "integer": column.integer,
                "optional": column.optional,
                "categories": list(column.levels),
            }
            for name, column in model.schema.columns.items()
        ],
    }


async def _changed(service: Service, change: Any, study: str, *arguments: Any) -> dict[str, Any]:
    """Make a change, and answer once this process serves by it."""
    await run_in_threadpool(known, service, study)
    try:
        await run_in_threadpool(change, study, *arguments)
    except ChurnlabError as error:
        raise RequestError(409, "not_changed", str(error)) from None
    await run_in_threadpool(service.models.refresh)
    return await run_in_threadpool(_history, service, study)


def _history(service: Service, study: str) -> dict[str, Any]:
    present = known(service, study)
    return {
        "study": study,
        "version": present.version,
        "pinned": present.pinned,
        "previous": present.previous,
        "versions": service.deployments.versions(study),
        "changes": [asdict(change) for change in present.changes],
    }
