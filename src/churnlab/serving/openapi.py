"""The description of the service: one scoring path per study, with its columns and real rows."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from churnlab.serving.model import ServedModel
from churnlab.serving.schema import InputColumn
from churnlab.serving.service import Service

FAULT = {
    "type": "object",
    "required": ["row", "column", "value", "rule"],
    "properties": {
        "row": {"type": ["integer", "null"], "description": "From 0 on."},
        "column": {"type": ["string", "null"]},
        "value": {},
        "rule": {"type": "string"},
    },
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "faults"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "faults": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
            },
        }
    },
}
REASON = {
    "type": "object",
    "required": ["column", "value", "contribution", "text"],
    "properties": {
        "column": {"type": "string"},
        "value": {"type": ["number", "string", "null"]},
        "contribution": {"type": "number", "description": "To the log-odds of churn."},
        "text": {"type": "string"},
    },
}
PREDICTION = {
    "type": "object",
    "required": ["p", "p_low", "p_high", "churn", "risk_group"],
    "properties": {
        "id": {"type": ["string", "integer", "null"]},
        "p": {"type": "number", "minimum": 0, "maximum": 1},
        "p_low": {"type": "number", "minimum": 0, "maximum": 1},
        "p_high": {"type": "number", "minimum": 0, "maximum": 1},
        "churn": {"type": "boolean", "description": "Whether p reaches the threshold."},
        "risk_group": {"type": "string"},
        "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
    },
}
ANSWER = {
    "type": "object",
    "required": ["study", "model", "model_version", "data_sha256", "threshold", "predictions"],
    "properties": {
        "study": {"type": "string"},
        "model": {"type": "string"},
        "model_version": {"type": "string"},
        "data_sha256": {"type": "string"},
        "threshold": {"type": "number"},
        "predictions": {"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}},
    },
}
REFUSALS = {
    "400": "The body cannot be read.",
    "401": "No valid key.",
    "403": "The key's role may not do this.",
    "404": "No such study, customer or endpoint.",
    "409": "The change is refused as things stand.",
    "413": "Too many bytes or rows.",
    "415": "Not a type of body that is read.",
    "422": "Rows or fields that break a rule.",
    "429": "Too often.",
    "503": "Not ready, or not in time.",
}


class Description:
    """The OpenAPI document, encoded; written anew once another version answers."""

    def __init__(self, app: FastAPI, service: Service) -> None:
        self._app = app
        self._service = service
        self._written: tuple[list[tuple[str, str]], bytes] | None = None

    def encoded(self) -> bytes:
        """Return the document of what is in service now."""
        models = self._service.models
        versions = [(study, models.of(study).version) for study in models.studies]
        if self._written is None or self._written[0] != versions:
            document = describe(self._app, self._service)
            self._written = versions, msgspec.json.encode(document)
        return self._written[1]


def describe(app: FastAPI, service: Service) -> dict[str, Any]:
    """Return the OpenAPI document of what is in service now."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    paths = document["paths"]
    models = [service.models.of(study) for study in service.models.studies]
    for model in models:
        paths[f"/v1/{model.study}/predict"] = _predict(model)
    for path, operations in paths.items():
        for operation in operations.values():
            _complete(path, operation)
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    components.setdefault("schemas", {}).update(
        {
            "Answer": ANSWER,
            "Error": ERROR,
            "Fault": FAULT,
            "Prediction": PREDICTION,
            "Reason": REASON,
            **{f"{model.study}_row": _row(model) for model in models},
        }
    )
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    return document


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Say who may ask, and how every refusal looks."""
    answers = operation["responses"]
    refused = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    open_to_all = path in ("/health", "/ready")
    for status, meaning in REFUSALS.items():
        if open_to_all and status not in ("503",):
            continue
        answers[status] = {"description": meaning, **refused}
    if open_to_all:
        answers.pop("422", None)
    else:
        operation["security"] = [{"key": []}]


def _predict(model: ServedModel) -> dict[str, Any]:
    rows = model.words.get("examples", {}).get("rows", [])
    columns = {name: [row.get(name) for row in rows] for name in model.schema.columns}
    row = {"$ref": f"#/components/schemas/{model.study}_row"}
    operation = {
        "tags": ["scoring"],
        "operationId": f"predict_{model.study}",
        "summary": f"Score: {model.words.get('title', model.study)}",
        "parameters": [
            {
                "name": "reasons",
                "in": "query",
                "schema": {"type": "integer", "minimum": 0, "maximum": 100, "default": 0},
                "description": "Reasons per row, the strongest first; JSON alone.",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"oneOf": [_as_rows(row), _as_columns(model)]},
                    "examples": {
                        "one row": {"value": {"rows": rows[:1]}},
                        "rows with reasons": {"value": {"rows": rows, "reasons": 3}},
                        "columns": {"value": {"columns": columns}},
                    }
                    if rows
                    else {},
                },
                "text/csv": {"schema": {"type": "string"}},
                "application/vnd.apache.arrow.stream": {
                    "schema": {"type": "string", "format": "binary"}
                },
            },
        },
        "responses": {"200": _answer(model)},
    }
    return {"post": operation}


def _answer(model: ServedModel) -> dict[str, Any]:
    return {
        "description": "A probability for every row, in the order sent.",
        "headers": {
            name: {"schema": {"type": "string"}, "example": value}
            for name, value in model.headers.items()
        },
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}},
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.arrow.stream": {
                "schema": {"type": "string", "format": "binary"}
            },
        },
    }


def _as_rows(row: dict[str, Any]) -> dict[str, Any]:
    return _closed(
        {"rows": {"type": "array", "minItems": 1, "items": row}, "reasons": _reasons()}, ["rows"]
    )


def _as_columns(model: ServedModel) -> dict[str, Any]:
    columns = {
        name: {"type": "array", "minItems": 1, "items": _value(column)}
        for name, column in model.schema.columns.items()
    }
    described = _closed(columns, [n for n, c in model.schema.columns.items() if not c.optional])
    return _closed({"columns": described, "reasons": _reasons()}, ["columns"])


def _row(model: ServedModel) -> dict[str, Any]:
    words = model.words["columns"]
    columns = {
        name: {**_value(column), "description": words.get(name, {}).get("description", name)}
        for name, column in model.schema.columns.items()
    }
    needed = [name for name, column in model.schema.columns.items() if not column.optional]
    return _closed({"id": {"type": ["string", "integer", "null"]}, **columns}, needed)


def _value(column: InputColumn) -> dict[str, Any]:
    if not column.numeric:
        return {"type": "string", **({"enum": list(column.levels)} if column.levels else {})}
    kind = "integer" if column.integer else "number"
    bounds = {"minimum": column.minimum, "maximum": column.maximum}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"type": [kind, "null"] if column.optional else kind, **given}


def _reasons() -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": 100}


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }
