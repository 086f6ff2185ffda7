"""For systems that know an id alone: values from the feature store, then the same model."""

from __future__ import annotations

import logging
import math
import os
from contextlib import suppress
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from churnlab.errors import ChurnlabError
from churnlab.paths import StudyPaths
from churnlab.serving.answers import as_json
from churnlab.serving.faults import RequestError, invalid_rows
from churnlab.serving.model import ServedModel
from churnlab.serving.reasons import reasons as reasons_of
from churnlab.serving.rows import Rows, texts
from churnlab.serving.service import Service, service_of

log = logging.getLogger(__name__)
router = APIRouter(tags=["scoring"])


@router.get("/v1/{study}/customers/{customer}")
async def customer(
    study: str,
    customer: str,
    request: Request,
    reasons: Annotated[int, Query(ge=0, le=100)] = 0,
) -> Response:
    """Score a customer or seller by its id, or pseudonym, in the feature store."""
    service = service_of(request)
    service.authorise(request, "lookup")
    model = service.models.of(study)
    rows = await run_in_threadpool(looked_up, service, model, customer)
    if faults := model.schema.settle(rows.values):
        raise invalid_rows(faults)
    said = await run_in_threadpool(reasons_of, model, rows, reasons) if reasons else None
    request.state.noted = {"rows": 1, "version": model.version}
    body = as_json(model, rows, model.score(rows), said)
    return Response(body, headers=model.headers, media_type="application/json")


def warm_up(service: Service) -> None:
    """Import the feature store where one is set up: it takes seconds, which no lookup should."""
    if any(store_paths(service, study) for study in service.models.studies):
        with suppress(ImportError):
            import feast  # noqa: F401


def looked_up(service: Service, model: ServedModel, customer: str) -> Rows:
    """Return the values of one customer as the feature store has them online.

    Raises:
        RequestError: 404 for an unknown id, or where no store is set up here; 503 where the store
            does not answer.
    """
    values = stored_values(service, model.study, customer)
    columns: dict[str, np.ndarray] = {}
    for name, column in model.schema.columns.items():
        value = values.get(name)
        if column.numeric:
            columns[name] = np.array([math.nan if value is None else value], dtype=np.float64)
        else:
            columns[name] = texts(["" if value is None else str(value)])
    return Rows(columns, [customer])


def store_paths(service: Service, study: str) -> StudyPaths | None:
    """Return the paths of a study whose feature store is set up here, otherwise None."""
    root = service.settings.store_root
    paths = StudyPaths(root, study) if root else None
    return paths if paths and paths.store_views.is_file() else None


def stored_values(service: Service, study: str, customer: str) -> dict[str, Any]:
    """Return the online values of one customer, as the store tells them.

    Raises:
        RequestError: as `looked_up`.
    """
    paths = store_paths(service, study)
    if paths is None:
        raise RequestError(404, "no_store", f"{study}: no feature store is set up here")
    try:
        from churnlab.store.lookup import UnknownIdsError
        from churnlab.store.served import ServedStudy
    except ImportError:
        message = "the feature store is not installed here: pip install 'churnlab[store]'"
        raise RequestError(404, "no_store", message) from None
    try:
        store = ServedStudy.load(paths, service.settings.online_store or "sqlite", os.environ)
        (answer,) = store.lookup([customer])
    except UnknownIdsError as error:
        raise RequestError(404, "unknown_customer", str(error)) from None
    except ChurnlabError as error:
        # It may name addresses and commands, which are for operators.
        log.error("%s: lookups fail: %s", study, error)
        message = f"{study}: the feature store does not answer; ask an operator, or send the row"
        raise RequestError(503, "store_unavailable", message) from None
    return answer.values
