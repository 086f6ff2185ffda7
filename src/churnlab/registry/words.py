"""What people read of a version: columns in words, metrics, threshold and where it comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from churnlab.champions.bundle import BundledModel
from churnlab.champions.reasons import typical_values
from churnlab.evaluation.profit import PAPER
from churnlab.registry.curves import curves
from churnlab.serialization import plain
from churnlab.stages.context import StudyContext

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = 3


def words(context: StudyContext, model: BundledModel, commit: str) -> dict[str, Any]:
    """Return the words that go beside a bundle; no id of a customer is among them.

    Raises:
        ChurnlabError: the rows of the study have not been made.
    """
    card, test = model.document("card"), context.test()
    champion = card["champion"]
    return plain(
        {
            "study": context.study,
            "title": context.declared.title,
            "entity": entity(context),
            "columns": _columns(context, model),
            "groups": dict(context.params.score.groups),
            "value": _value(context, test),
            # The catalog gives worth and costs without one.
            "currency": None,
            "metrics": _metrics(context, "test", champion),
            "intervals": _intervals(context, champion),
            "cv": _metrics(context, "cv", champion),
            "curves": curves(context.paths, champion),
            "threshold": card["threshold"],
            "threshold_reason": card["threshold_reason"],
            "git": commit,
            "data": card["data_sha256"],
            "examples": {"rows": as_sent(model, test.head(EXAMPLES))},
        }
    )


def entity(context: StudyContext) -> str:
    """Return what one row is about: a customer, or a seller."""
    served = context.params.store.studies.get(context.study)
    if served is not None:
        return str(served.entity)
    return "seller" if context.study in context.params.event_studies else "customer"


def as_sent(model: BundledModel, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the inputs of rows, as a JSON request has them; a missing number is null."""
    columns = model.document("schema")["columns"]
    return [
        {
            name: _integer(value) if columns[name].get("integer") else value
            for name, value in plain(row).items()
        }
        for row in rows[list(columns)].to_dict("records")
    ]


def _integer(value: float | None) -> int | None:
    return None if value is None else int(value)


def _columns(context: StudyContext, model: BundledModel) -> dict[str, Any]:
    train = context.train()
    usual = typical_values(train[train["y"] == 0], context.catalog)
    return {
        name: {
            "description": context.catalog.columns[name].description,
            "type": declared["type"],
            "usual": usual.get(name),
        }
        for name, declared in model.document("schema")["columns"].items()
    }


def _value(context: StudyContext, rows: pd.DataFrame) -> float | None:
    """Return what each customer is worth; None where every row says so itself."""
    if "value" in rows or context.study in context.params.event_studies:
        return None
    costs = context.declared.costs
    return float(costs.customer_lifetime_value if costs else PAPER.clv)


def _metrics(context: StudyContext, name: str, champion: str) -> dict[str, float]:
    return dict(json.loads(context.paths.metrics(name).read_text(encoding="utf-8"))[champion])


def _intervals(context: StudyContext, champion: str) -> dict[str, Any]:
    """Return the champion's intervals, by part: `test`, `cv`."""
    found = json.loads(context.paths.metrics("intervals").read_text(encoding="utf-8"))
    return {part: models[champion] for part, models in found.items() if champion in models}
