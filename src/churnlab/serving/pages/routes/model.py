"""The version in service: how good it is, what it reads, and the versions before it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from churnlab.deployments.deployed import SHORTEST_REASON
from churnlab.errors import ChurnlabError
from churnlab.serving.faults import RequestError
from churnlab.serving.model import ServedModel
from churnlab.serving.pages.pictures import Plot
from churnlab.serving.pages.rendering import page
from churnlab.serving.pages.routes.listing import STUDY
from churnlab.serving.pages.visits import Form, Signed, Visit
from churnlab.serving.routes.model import known

router = APIRouter(include_in_schema=False)
LONGEST_REASON = 500
DONE = ("roll-back", "pin", "unpin")
# What most people look at first; what is not named here comes after these.
FIRST = (
    *("roc_auc", "average_precision", "f1", "precision", "recall", "accuracy", "log_loss"),
    *("brier", "ece", "top_decile_lift", "empc"),
)


@router.get(f"{STUDY}/model")
def model(study: str, signed: Signed) -> Response:
    """Show the version in service."""
    done = signed.request.query_params.get("done", "")
    return _shown(signed, study, done=done if done in DONE else "")


async def _operator(signed: Signed) -> Visit:
    """Return the visit of an operator.

    Raises:
        RequestError: 403 for another role.
    """
    if not signed.may("operate"):
        raise RequestError(403, "not_allowed", f"a {signed.key.role} key may not do this")
    return signed


Operator = Annotated[Visit, Depends(_operator)]


@router.post(f"{STUDY}/model/{{change}}")
async def change(study: str, change: str, signed: Operator, fields: Form) -> Response:
    """Roll back, pin or unpin, and show what answers then."""
    service = signed.service
    await run_in_threadpool(known, service, study)
    if change not in DONE:
        raise RequestError(404, "no_page", "there is no such page")
    why = fields.get("why", "").strip()
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        limits = {"least": SHORTEST_REASON, "most": LONGEST_REASON}
        wrong = signed.language.text("model.why_length", **limits)
        return await run_in_threadpool(_refused, signed, study, wrong, why)
    try:
        await run_in_threadpool(_change, signed, study, change, why, fields.get("version", ""))
    except ChurnlabError as error:
        return await run_in_threadpool(_refused, signed, study, str(error), why)
    await run_in_threadpool(service.models.refresh)
    path = signed.request.url.path.rsplit("/", 1)[0]
    return RedirectResponse(f"{path}?done={change}", 303)


def _change(signed: Visit, study: str, change: str, why: str, version: str) -> None:
    deployments, by = signed.service.deployments, signed.key.name
    if change == "roll-back":
        deployments.roll_back(study, by, why, version or None)
    else:
        deployments.pin(study, by, why, change == "pin")


def _refused(signed: Visit, study: str, wrong: str, why: str) -> Response:
    return _shown(signed, study, 409, wrong=wrong, why=why)


def _shown(signed: Visit, study: str, status: int = 200, **values: Any) -> Response:
    """Show the version that answers, or where none does, what operators need to change that."""
    service = signed.service
    present = known(service, study)
    here = service.deployments.versions(study)
    shared = {
        "study": study,
        "present": present,
        # One that has never answered may not have passed the gate.
        "versions": [version for version in here if version in present.served],
        "least": SHORTEST_REASON,
        "most": LONGEST_REASON,
        **{"done": "", "wrong": "", "why": "", **values},
    }
    if study not in service.models.studies:
        return page(signed, "model_out.html.j2", 503 if status == 200 else status, **shared)
    return page(signed, "model.html.j2", status, **shared, **_described(service.models.of(study)))


def _described(served: ServedModel) -> dict[str, Any]:
    """Return what the page says of a version."""
    curves = served.words.get("curves") or {}
    lift = curves.get("lift") or []
    return {
        "model": served,
        "curves": curves,
        "plot": Plot(),
        "lift_plot": Plot(y_most=max([1.0, *(point["lift"] for point in lift)]) * 1.05),
        "metrics": _metrics(served.words, served.card),
    }


def _metrics(words: Any, card: Any) -> list[tuple[str, Any, Any, Any, Any]]:
    """Return per metric: its name, test value and interval, cross-validation and interval."""
    test = words.get("metrics") or card["metrics"].get("test", {})
    repeated, intervals = words.get("cv") or {}, words.get("intervals") or {}
    ordered = [name for name in FIRST if name in test]
    return [
        (
            name,
            test[name],
            intervals.get("test", {}).get(name),
            repeated.get(name),
            intervals.get("cv", {}).get(name),
        )
        for name in [*ordered, *(name for name in test if name not in ordered)]
    ]
