"""A customer: what the version in service says, of its own values and of others."""

import json
from urllib.parse import urlencode

import httpx
import numpy as np
import pyarrow as pa
import pytest

from churnlab.lists import Lists
from churnlab.serving.model import ServedModel
from churnlab.serving.pages.languages import MINUS
from churnlab.serving.pages.what_if import fields, own_values, row_of_values, sent_values
from churnlab.serving.reasons import contributions
from serving.pages.conftest import said
from serving.shop import deploy, probability, publish

PATH = "/app/studies/shop/customer"
LIVE = "/app/studies/shop/what-if.json"
OWN = {"calls": 2, "Spent (BRL)": 50.5, "plan": "basic", "city": "Recife"}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    version = deploy(folder, tmp_path_factory.mktemp("export") / "shop")
    return ServedModel.load("shop", folder / "deployments" / "shop" / "versions" / version)


@pytest.fixture(scope="module")
def row(home):
    """A customer of the newest list, and its inputs."""
    lists = Lists(home / "lists")
    table = lists.read("shop", lists.latest("shop")).to_pylist()
    found = next(one for one in table if one["id"] == "C0005")
    return {**found, "own": json.loads(found["inputs"])}


def asked(**values):
    return {"id": "C0005", **{f"in.{name}": value for name, value in values.items()}}


def test_it_says_the_probability_the_decision_and_every_reason(browse, row):
    words = said(browse("analyst").get(PATH, params={"id": "C0005"}))
    p = probability(row["own"])
    assert f"Risk of leaving {100 * p:.1f}%" in words
    assert f"counts as {'leaving' if p >= 0.4 else 'staying'}. The threshold of 40.0%" in words
    for described in ("Calls to the service", "Spent in the month", "Plan", "City"):
        assert described in words
    assert f"{row['own']['calls']} · usual: 1" in words


def test_reasons_add_up_to_the_contributions_of_the_served_model(browse, row, model):
    rows, _ = row_of_values(model.schema, row["own"])
    words = said(browse("analyst").get(PATH, params={"id": "C0005"}))
    for amount in contributions(model, rows)[0]:
        assert f"{'+' if amount >= 0 else MINUS}{abs(amount):.2f}" in words


def test_without_a_script_the_form_shows_before_and_after(browse, row):
    calls = 10 if row["own"]["calls"] < 8 else 0
    words = said(browse("analyst").get(PATH, params=asked(calls=calls, plan="plus")))
    before = probability(row["own"])
    after = probability({**row["own"], "calls": calls, "plan": "plus"})
    assert f"Risk of leaving {100 * before:.1f}%" in words
    assert f"What if {100 * after:.1f}%" in words
    assert f"{'+' if after > before else MINUS}{abs(100 * (after - before)):.1f} points" in words


def test_the_script_is_told_the_same_as_programs_are(browse, server, keys, row):
    changed = {**row["own"], "calls": 7, "city": "Olinda"}
    told = browse("analyst").get(LIVE, params=asked(calls="7", city="Olinda")).json()
    headers = {"X-API-Key": keys["analyst"]}
    answer = httpx.post(f"{server.url}/v1/shop/predict", json={"rows": [changed]}, headers=headers)
    (expected,) = answer.json()["predictions"]
    assert told["p"] == pytest.approx(expected["p"], abs=1e-6)
    assert (told["low"], told["high"]) == pytest.approx(
        (expected["p_low"], expected["p_high"]), abs=1e-6
    )
    assert told["said"]["p"] == f"{100 * expected['p']:.1f}%"


def test_a_missing_number_is_scored_where_the_model_fills_it(browse, row):
    told = browse("analyst").get(LIVE, params=asked(**{"Spent (BRL)": ""})).json()
    assert told["p"] == pytest.approx(probability({**row["own"], "Spent (BRL)": None}), abs=1e-6)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"calls": "51"}, "Calls to the service: a whole number from 0 to 50 is needed."),
        ({"calls": "1.5"}, "Calls to the service: a whole number from 0 to 50 is needed."),
        ({"calls": ""}, "Calls to the service: a whole number from 0 to 50 is needed."),
        ({"calls": "nan"}, "Calls to the service: a whole number from 0 to 50 is needed."),
        ({"calls": "1e999"}, "Calls to the service: a whole number from 0 to 50 is needed."),
        ({"Spent (BRL)": "-1"}, "Spent in the month: a number of at least 0, or nothing is"),
        ({"plan": "gold"}, "Plan: one of the list is needed."),
    ],
)
def test_a_value_that_the_schema_refuses_is_named_with_what_is_allowed(browse, values, wrong):
    client = browse("analyst")
    told = client.get(LIVE, params=asked(**values))
    assert told.status_code == 422
    assert told.json()["wrong"][0].startswith(wrong)
    page = client.get(PATH, params=asked(**values))
    assert page.status_code == 200
    assert wrong in said(page)


def test_what_is_sent_comes_back_as_text(browse):
    for name in ("plan", "city", "calls"):
        page = browse("analyst").get(PATH, params=asked(**{name: "<b>bold</b>"}))
        assert "<b>bold" not in page.text


def test_earlier_lists_are_told_the_newest_first(browse, home):
    words = said(browse("analyst").get(PATH, params={"id": "C0005"}))
    table = words.split("In the lists so far")[-1]
    assert table.index("Sep 1, 2018") < table.index("Aug 1, 2018") < table.index("Jul 1, 2018")
    lists = Lists(home / "lists")
    for name in lists.all("shop"):
        then = next(one for one in lists.read("shop", name).to_pylist() if one["id"] == "C0005")
        assert f"{100 * then['p']:.1f}%" in table


def test_a_list_of_another_version_is_told_apart_from_what_is_said_now(browse, home):
    lists = Lists(home / "lists")
    name = lists.latest("shop")
    older = publish(home / "other", "a" * 12, weight=0.1)[0]
    table = Lists(home / "other" / "lists").read("shop", older)
    added = lists.add("shop", table, "2018-06-01", "a" * 12)
    query = urlencode({"id": "C0005", "list": added.id})
    words = said(browse("analyst").get(f"{PATH}?{query}"))
    assert f"The list was made by version {'a' * 12}" in words
    assert f"version {name.version}, which answers now" in words.replace("is of ", "")
    lists.path("shop", added).unlink()


def test_inputs_that_the_version_does_not_allow_are_no_inputs(browse, home):
    lists = Lists(home / "lists")
    older = publish(home / "strange", "b" * 12)[0]
    table = Lists(home / "strange" / "lists").read("shop", older)
    place = table["id"].to_pylist().index("C0005")
    inputs = table["inputs"].to_pylist()
    inputs[place] = json.dumps({**OWN, "plan": "gold"})
    table = table.set_column(table.column_names.index("inputs"), "inputs", pa.array(inputs))
    added = lists.add("shop", table, "2018-05-01", "b" * 12)
    asked = {"id": "C0005", "list": added.id}
    told = browse("analyst").get(LIVE, params=asked)
    page = browse("analyst").get(PATH, params=asked)
    lists.path("shop", added).unlink()
    assert told.status_code == 404
    assert page.status_code == 200
    assert "What if" not in said(page)


def test_inputs_of_other_columns_are_no_inputs(model):
    assert own_values(model.schema, json.dumps(OWN)) == OWN
    assert own_values(model.schema, json.dumps({**OWN, "more": 1})) is None
    assert own_values(model.schema, json.dumps({"calls": 2})) is None
    assert own_values(model.schema, "[]") is None
    assert own_values(model.schema, None) is None


def test_a_form_that_says_nothing_changes_nothing(model):
    assert sent_values(model.schema, OWN, {}) == (OWN, [])
    values, wrong = sent_values(model.schema, OWN, {"in.calls": "x", "in.plan": "plus"})
    assert wrong == ["calls"]
    assert values == {**OWN, "plan": "plus"}


def test_sliders_reach_from_bound_to_bound_or_as_far_as_training_went(model):
    offered = {field.column.name: field for field in fields(model, OWN, OWN)}
    assert (offered["calls"].low, offered["calls"].high) == (0, 50)
    assert (offered["Spent (BRL)"].low, offered["Spent (BRL)"].high) == (0, 300)
    far = {field.column.name: field for field in fields(model, {**OWN, "Spent (BRL)": 900.0}, OWN)}
    assert far["Spent (BRL)"].high == 900
    assert offered["plan"].options == ("basic", "plus")
    odd = {field.column.name: field for field in fields(model, {**OWN, "city": "Natal"}, OWN)}
    assert set(odd["city"].options) == {"Olinda", "Recife", "Natal"}


def test_a_row_beyond_the_schema_names_its_columns(model):
    _, wrong = row_of_values(model.schema, {**OWN, "calls": 99, "plan": "gold"})
    assert wrong == ["calls", "plan"]
    rows, wrong = row_of_values(model.schema, {**OWN, "Spent (BRL)": None})
    assert wrong == []
    assert np.isnan(rows.values["Spent (BRL)"][0])
