"""How far a list is from what the version in service was trained on."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Response

from churnlab.serving.pages import drift, ordered_list
from churnlab.serving.pages.rendering import page
from churnlab.serving.pages.routes.listing import STUDY, chosen_list
from churnlab.serving.pages.visits import Signed

router = APIRouter(include_in_schema=False)


@router.get(f"{STUDY}/drift")
def drifted(study: str, signed: Signed) -> Response:
    """Show the population stability index of the scores and of every column."""
    model = signed.service.models.of(study)
    names = signed.lists.all(study)
    if not names:
        return page(signed, "no_list.html.j2", study=study, model=model, part="drift")
    name = chosen_list(signed, study, names)
    table = ordered_list.read_list(signed.lists, study, name)
    inputs = [msgspec.json.decode(text) for text in table["inputs"].to_pylist()]
    p = table["p"].to_numpy()
    whole = [name for name, column in model.schema.columns.items() if column.integer]
    scores, columns = drift.drifts(model.reference, inputs, p, whole)
    return page(
        signed,
        "drift.html.j2",
        study=study,
        model=model,
        names=names,
        name=name,
        rows=table.num_rows,
        scores=scores,
        columns=columns,
    )
