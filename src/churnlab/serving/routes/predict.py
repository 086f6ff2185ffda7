"""For systems that score: rows in, probabilities out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from churnlab.serving.answers import as_arrow, as_csv, as_json
from churnlab.serving.bodies import read_body
from churnlab.serving.faults import Fault, RequestError, invalid_rows
from churnlab.serving.model import ServedModel
from churnlab.serving.reading_tables import read_arrow, read_csv
from churnlab.serving.reasons import reasons
from churnlab.serving.rows import Rows
from churnlab.serving.service import Service, service_of

router = APIRouter(tags=["scoring"])
JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"
# A body of this size is answered faster than it is handed to a thread.
INLINE_BYTES = 16_384
MOST_REASONS = 100


@router.post("/v1/{study}/predict")
async def predict(study: str, request: Request) -> Response:
    """Score one row or many: JSON as rows or columns, CSV, or Arrow."""
    service = service_of(request)
    service.authorise(request, "predict")
    model = service.models.of(study)
    kind = request.headers.get("content-type", JSON).split(";")[0].strip().lower()
    if kind not in (JSON, CSV, ARROW):
        raise RequestError(
            415, "unknown_type", f"Content-Type is {kind[:40]}; send {JSON}, {CSV} or {ARROW}"
        )
    wanted = _wanted(request, kind)
    asked = _asked(request)
    body = await read_body(request, service.settings.most_bytes)
    if len(body) <= INLINE_BYTES and not asked and b'"reasons"' not in body:
        answer, rows = answered(service, model, body, kind, wanted, asked)
    else:
        arguments = (service, model, body, kind, wanted, asked)
        answer, rows = await run_in_threadpool(answered, *arguments)
    request.state.noted = {"rows": rows, "version": model.version}
    return Response(answer, headers=model.headers, media_type=wanted)


def answered(
    service: Service, model: ServedModel, body: bytes, kind: str, wanted: str, asked: int
) -> tuple[bytes, int]:
    """Return the answer to a body, and how many rows were scored.

    Raises:
        RequestError: rows or the form of the body are wrong.
    """
    most = service.settings.most_rows
    if kind == JSON:
        rows, in_body = model.json_reader.read(body, most)
        asked = asked or in_body
    else:
        rows = (read_csv if kind == CSV else read_arrow)(body, model.schema, most)
    scores = model.score(rows)
    service.metrics.rows.labels(model.study).observe(len(rows))
    told = service.metrics.scores.labels(model.study, model.version)
    for p in scores.p.tolist():
        told.observe(p)
    if wanted == JSON:
        said = _reasons(service, model, rows, asked) if asked else None
        return as_json(model, rows, scores, said), len(rows)
    if asked:
        raise invalid_rows([Fault(None, "reasons", asked, "told in JSON alone")])
    answer = as_csv(rows, scores) if wanted == CSV else as_arrow(model, rows, scores)
    return answer, len(rows)


def _reasons(service: Service, model: ServedModel, rows: Rows, asked: int) -> list[list]:
    most = service.settings.most_reasons
    if not 0 < asked <= MOST_REASONS:
        raise invalid_rows([Fault(None, "reasons", asked, f"from 0 to {MOST_REASONS}")])
    if len(rows) > most:
        rule = f"told of at most {most} rows in one request"
        raise invalid_rows([Fault(None, "reasons", asked, rule)])
    return reasons(model, rows, asked)


def _asked(request: Request) -> int:
    sent = request.query_params.get("reasons", "0")
    if not sent.isascii() or not sent.isdigit() or len(sent) > 4:
        raise invalid_rows([Fault(None, "reasons", sent[:40], f"from 0 to {MOST_REASONS}")])
    return int(sent)


def _wanted(request: Request, kind: str) -> str:
    """Return the form of the answer: the first that is accepted, or else that of the request."""
    for part in request.headers.get("accept", "*/*").split(","):
        accepted = part.split(";")[0].strip().lower()
        if accepted in (JSON, CSV, ARROW):
            return accepted
    return kind
