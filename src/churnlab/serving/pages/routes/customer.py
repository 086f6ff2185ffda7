"""One customer: how likely to leave, why, what would change it, and what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from churnlab.lists import ListName
from churnlab.serving.faults import RequestError
from churnlab.serving.model import ServedModel
from churnlab.serving.pages import ordered_list, what_if
from churnlab.serving.pages.pictures import Plot
from churnlab.serving.pages.rendering import page, risk_place, rule_of
from churnlab.serving.pages.routes.listing import STUDY, chosen_list
from churnlab.serving.pages.visits import Signed, Visit
from churnlab.serving.reasons import reasons

router = APIRouter(include_in_schema=False)
MOST_LISTS = 24


@router.get(f"{STUDY}/customer")
def customer(study: str, signed: Signed) -> Response:
    """Show a customer of a list, and what the version in service says of other values."""
    model = signed.service.models.of(study)
    name, row = _row(signed, study)
    own = what_if.own_values(model.schema, row.get("inputs"))
    shown = {} if own is None else _told(signed, model, own)
    return page(
        signed,
        "customer.html.j2",
        study=study,
        model=model,
        name=name,
        row=row,
        newest=name == signed.lists.latest(study),
        history=_history(signed, study, str(row["id"])),
        plot=Plot(),
        **{"own": own, "before": None, **shown},
    )


@router.get(f"{STUDY}/what-if.json")
def changed(study: str, signed: Signed) -> Response:
    """Tell the probability of a customer with other values, for the script of the page."""
    model, spoken = signed.service.models.of(study), signed.language
    _, row = _row(signed, study)
    own = what_if.own_values(model.schema, row.get("inputs"))
    shown: dict[str, Any] = {"own": None} if own is None else _told(signed, model, own)
    if "before" not in shown:
        raise RequestError(404, "no_inputs", "the list has other inputs than the version")
    if shown["wrong"]:
        return JSONResponse({"wrong": shown["wrong"]}, 422)
    before, after = shown["before"], shown["after"]
    return JSONResponse(
        {
            "p": after.p,
            "low": after.low,
            "high": after.high,
            "risk": risk_place(model, after.group),
            "said": {
                "p": spoken.percent(after.p),
                "interval": interval(spoken, after),
                "group": spoken.known(f"group.{after.group}", after.group),
                "decision": decision(spoken, model, after),
                "change": difference(spoken, before, after),
            },
        }
    )


def interval(spoken: Any, told: what_if.Told) -> str:
    """Return the interval in words."""
    low, high = spoken.percent(told.low), spoken.percent(told.high)
    return spoken.text("customer.interval", low=low, high=high)


def decision(spoken: Any, model: ServedModel, told: what_if.Told) -> str:
    """Return what is decided of a customer, and why."""
    threshold = spoken.percent(model.threshold)
    return spoken.text(f"customer.{'leaves' if told.churn else 'stays'}", threshold=threshold)


def difference(spoken: Any, before: what_if.Told, after: what_if.Told) -> str:
    """Return how much a probability changed, in percentage points."""
    points = round(100 * (after.p - before.p), 1)
    if points == 0:
        return spoken.text("customer.same")
    return spoken.text("customer.points", points=spoken.signed(points, 1))


def _told(signed: Visit, model: ServedModel, own: Mapping[str, what_if.Value]) -> dict[str, Any]:
    """Return what is said of the customer's own values, and of those that the address names."""
    spoken, words = signed.language, model.words["columns"]
    values, unread = what_if.sent_values(model.schema, own, signed.request.query_params)
    own_row, own_faults = what_if.row_of_values(model.schema, own)
    row, faults = what_if.row_of_values(model.schema, values)
    if own_faults:
        # A list of another version may hold what this one does not know.
        return {"own": None}
    wrong = [
        spoken.text(
            "customer.wrong",
            column=words.get(name, {}).get("description", name),
            rule=rule_of(model.schema.columns[name], spoken),
        )
        for name in dict.fromkeys([*unread, *faults])
    ]
    before = what_if.told(model, own_row)
    after = before if wrong else what_if.told(model, row)
    said = {
        "interval": interval(spoken, after),
        "decision": decision(spoken, model, after),
        "change": difference(spoken, before, after),
    }
    return {
        "before": before,
        "before_said": {
            "interval": interval(spoken, before),
            "decision": decision(spoken, model, before),
        },
        "after": after,
        "said": said,
        "wrong": wrong,
        "fields": what_if.fields(model, own, values),
        "reasons": reasons(model, own_row, len(model.schema.columns))[0],
    }


def _row(signed: Visit, study: str) -> tuple[ListName, dict[str, Any]]:
    """Return the list of the address, and its row of the customer that the address names."""
    name = chosen_list(signed, study, signed.lists.all(study))
    table = ordered_list.read_list(signed.lists, study, name)
    row = ordered_list.row_of(table, signed.request.query_params.get("id", ""))
    if row is None:
        raise RequestError(404, "no_customer", f"{study}: the list has no such customer")
    return name, row


def _history(signed: Visit, study: str, customer: str) -> list[tuple[ListName, dict[str, Any]]]:
    """Return what the lists said of a customer, the oldest first; of the newest lists alone."""
    found = []
    for name in reversed(signed.lists.all(study)[:MOST_LISTS]):
        table = ordered_list.read_scores(signed.lists, study, name)
        if row := ordered_list.row_of(table, customer):
            found.append((name, row))
    return found
