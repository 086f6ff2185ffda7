"""Scores over HTTP: every form of rows and answers, and rows that break a rule."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pytest

from churnlab.serving.model import ServedModel
from serving.shop import DATA, ROWS, THRESHOLD, WORDS, export, probability

PATH = "/v1/shop/predict"
CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"
ROW = ROWS[0]


def post(ask, **options):
    return ask("scorer").post(PATH, **options)


def stream(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def columns(rows=ROWS):
    return {name: [row[name] for row in rows] for name in rows[0]}


def csv(rows=ROWS):
    sink = io.BytesIO()
    pyarrow.csv.write_csv(pa.table(columns(rows)), sink)
    return sink.getvalue()


def faults(answer, status=422):
    assert answer.status_code == status, answer.text
    return [
        (f["row"], f["column"], f["value"], f["rule"]) for f in answer.json()["error"]["faults"]
    ]


def test_rows_are_scored_as_the_graph_says_and_say_which_version(ask, home):
    answer = post(ask, json={"rows": ROWS})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [one["p"] for one in told["predictions"]] == pytest.approx(
        [probability(row) for row in ROWS], abs=1e-6
    )
    assert [one["churn"] for one in told["predictions"]] == [
        probability(row) >= THRESHOLD for row in ROWS
    ]
    assert told["study"] == "shop"
    assert told["threshold"] == THRESHOLD
    assert told["data_sha256"] == answer.headers["x-data-hash"] == DATA
    assert told["model_version"] == answer.headers["x-model-version"]
    assert float(answer.headers["x-threshold"]) == THRESHOLD


def test_an_interval_holds_its_probability_and_a_group_follows_from_it(ask):
    rows = [{**ROW, "calls": calls} for calls in range(0, 50, 7)]
    for one in post(ask, json={"rows": rows}).json()["predictions"]:
        assert 0 <= one["p_low"] <= one["p"] <= one["p_high"] <= 1
        group = "high" if one["p"] >= 0.5 else "medium" if one["p"] >= 0.2 else "low"
        assert one["risk_group"] == group


def test_rows_and_columns_say_the_same(ask):
    by_row = post(ask, json={"rows": ROWS}).json()
    assert post(ask, json={"columns": columns()}).json() == by_row


def test_ids_come_back_beside_their_scores(ask):
    named = [{**ROW, "id": "first"}, {**ROW, "id": 2}, ROW]
    said = post(ask, json={"rows": named}).json()["predictions"]
    assert [one.get("id") for one in said] == ["first", 2, None]


@pytest.mark.parametrize("kind", [CSV, ARROW])
def test_tables_are_scored_as_json_is(ask, kind):
    expected = post(ask, json={"rows": ROWS}).json()["predictions"]
    table = pa.table({"id": ["a", "b"], **columns()})
    body = (
        stream(table)
        if kind == ARROW
        else csv([{"id": i, **r} for i, r in zip("ab", ROWS, strict=True)])
    )
    answer = post(ask, content=body, headers={"Content-Type": kind})
    assert answer.headers["content-type"].startswith(kind)
    if kind == ARROW:
        found = pa.ipc.open_stream(answer.content).read_all()
        assert found.schema.metadata[b"model_version"].decode() == answer.headers["x-model-version"]
    else:
        found = pyarrow.csv.read_csv(io.BytesIO(answer.content))
    assert found["id"].to_pylist() == ["a", "b"]
    for name in ("p", "p_low", "p_high", "churn", "risk_group"):
        assert found[name].to_pylist() == [one[name] for one in expected]


def test_arrow_of_other_types_is_read_where_nothing_is_lost(ask):
    table = pa.table(
        {
            "calls": pa.array([3, 9], pa.int8()),
            "Spent (BRL)": pa.array([120.5, None], pa.float32()),
            "plan": pa.array(["basic", "plus"]).dictionary_encode(),
            "city": pa.array(["Recife", "Olinda"], pa.large_string()),
        }
    )
    answer = post(ask, content=stream(table), headers={"Content-Type": ARROW})
    found = pa.ipc.open_stream(answer.content).read_all()
    assert found["p"].to_pylist() == pytest.approx([probability(r) for r in ROWS], abs=1e-6)


def test_the_answer_has_the_form_that_is_accepted(ask):
    answer = post(ask, json={"rows": ROWS}, headers={"Accept": CSV})
    assert pyarrow.csv.read_csv(io.BytesIO(answer.content)).num_rows == len(ROWS)
    answer = post(ask, content=csv(), headers={"Content-Type": CSV, "Accept": "application/json"})
    assert len(answer.json()["predictions"]) == len(ROWS)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"calls": 51}, (0, "calls", 51.0, "at most 50")),
        ({"calls": -1}, (0, "calls", -1.0, "at least 0")),
        ({"calls": 1.5}, (0, "calls", 1.5, "a whole number")),
        ({"calls": "many"}, (0, "calls", "many", "a number")),
        ({"calls": True}, (0, "calls", True, "a number")),
        ({"calls": None}, (0, "calls", None, "missing")),
        ({"plan": "gold"}, (0, "plan", "gold", "one of basic, plus")),
        ({"plan": 3}, (0, "plan", 3, "a text")),
        ({"city": ["Recife"]}, (0, "city", "['Recife']", "a text or a whole number")),
    ],
)
def test_a_value_that_breaks_a_rule_is_named_with_row_column_and_rule(ask, change, expected):
    assert faults(post(ask, json={"rows": [{**ROW, **change}]})) == [expected]


def test_every_fault_is_told_at_once_by_row(ask):
    rows = [ROW, {**ROW, "plan": "gold"}, {**ROW, "calls": 99}]
    assert [fault[:2] for fault in faults(post(ask, json={"rows": rows}))] == [
        (1, "plan"),
        (2, "calls"),
    ]
    rows = [{**ROW, "calls": "x", "plan": 1}, {**ROW, "city": None}]
    assert [fault[:2] for fault in faults(post(ask, json={"rows": rows}))] == [
        (0, "calls"),
        (0, "plan"),
        (1, "city"),
    ]


def test_a_misspelt_column_is_told_with_the_one_that_is_meant(ask):
    row = {name: value for name, value in ROW.items() if name != "calls"} | {"cals": 3}
    assert faults(post(ask, json={"rows": [row]})) == [
        (0, "calls", None, "missing; is 'cals' meant?"),
        (0, "cals", None, "not a column of this study; is 'calls' meant?"),
    ]


def test_an_optional_number_may_be_left_out_and_a_code_may_be_a_number(ask):
    row = {"calls": 9, "plan": "plus", "city": 50}
    expected = probability({**row, "Spent (BRL)": None, "city": "50"})
    (said,) = post(ask, json={"rows": [row]}).json()["predictions"]
    assert said["p"] == pytest.approx(expected, abs=1e-6)
    (same,) = post(ask, json={"columns": {n: [v] for n, v in row.items()}}).json()["predictions"]
    assert same["p"] == said["p"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], None),
        ({}, None),
        ({"rows": []}, "rows"),
        ({"rows": [ROW], "columns": columns()}, None),
        ({"rows": {"calls": 1}}, "rows"),
        ({"rows": [3]}, None),
        ({"rows": [ROW], "reason": 3}, "reason"),
        ({"rows": [ROW], "reasons": "three"}, "reasons"),
        ({"columns": {**columns(), "calls": [1]}}, "calls"),
        ({"columns": {**columns(), "calls": 1}}, "calls"),
    ],
)
def test_a_body_of_another_form_is_told_what_is_wanted(ask, body, place):
    assert place in [fault[1] for fault in faults(post(ask, json=body))]


def test_a_table_with_values_of_no_number_is_told_the_rows(ask):
    text = csv().replace(b"9,", b"nine,").replace(b"120.5", b"1e")
    found = faults(post(ask, content=text, headers={"Content-Type": CSV}))
    assert [fault[:3] for fault in found] == [(0, "Spent (BRL)", "1e"), (1, "calls", "nine")]


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"{", "application/json", "not_json"),
        (b'{"rows": [' + b"[" * 5000, "application/json", "not_json"),
        (b"\xff\xfe", "application/json", "not_json"),
        (b"a,b\n1", CSV, "not_csv"),
        (b"no arrow", ARROW, "not_arrow"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(ask, content, kind, code):
    answer = post(ask, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code), answer.text


def test_limits_of_bytes_rows_and_types(ask):
    answer = post(ask, content=b"x" * 200_000, headers={"Content-Type": CSV})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")

    def parts():
        for _ in range(200):
            yield b"x" * 1000

    answer = post(ask, content=parts(), headers={"Content-Type": CSV})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    body = b"calls,Spent (BRL),plan,city\n" + 10_001 * b"1,,a,b\n"
    answer = post(ask, content=body[:99_990], headers={"Content-Type": CSV})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_many_rows")
    answer = post(ask, content=b"<rows/>", headers={"Content-Type": "text/xml"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unknown_type")


def test_reasons_add_up_and_are_told_in_words(ask):
    (said,) = post(ask, json={"rows": [ROWS[1]], "reasons": 4}).json()["predictions"]
    strength = [abs(reason["contribution"]) for reason in said["reasons"]]
    assert strength == sorted(strength, reverse=True)
    texts = {reason["column"]: reason["text"] for reason in said["reasons"]}
    assert texts["calls"] == "Calls to the service: 9 (usual: 1)"
    assert texts["Spent (BRL)"] == "Spent in the month: not known (usual: 80.5)"
    assert texts["city"] == "City: Olinda"
    by_query = post(ask, json={"rows": [ROWS[1]]}, params={"reasons": 4})
    assert by_query.json()["predictions"] == [said]


@pytest.mark.parametrize("asked", [-1, 101, 2**40])
def test_too_many_reasons_are_refused(ask, asked):
    assert faults(post(ask, json={"rows": [ROW], "reasons": asked}))
    assert faults(post(ask, json={"rows": [ROW]}, params={"reasons": asked}))
    assert faults(post(ask, json={"rows": [ROW] * 101, "reasons": 1}))


def test_an_unknown_study_names_those_there_are(ask):
    answer = ask("scorer").post("/v1/shops/predict", json={"rows": [ROW]})
    assert answer.status_code == 404
    assert "known: shop" in answer.json()["error"]["message"]


def test_a_score_is_of_the_highest_group_that_it_reaches_whatever_the_names(tmp_path):
    groups = {"a little": 0.2, "much": 0.8, "some": 0.5}
    folder = export(tmp_path / "shop")
    (folder / "words.json").write_text(json.dumps({**WORDS, "groups": groups}))
    model = ServedModel.load("shop", folder)
    told = model.group(np.array([0.1, 0.2, 0.6, 0.8]))
    assert told.tolist() == ["low", "a little", "some", "much"]


def test_rows_that_threads_share_out_have_the_scores_of_rows_together(tmp_path):
    folder = export(tmp_path / "shop")
    (folder / "words.json").write_text(json.dumps(WORDS))
    together = ServedModel.load("shop", folder)
    shared = ServedModel.load("shop", folder, threads=3)
    rows = [{**ROW, "calls": place % 50} for place in range(1001)]
    read, _ = together.json_reader.read(json.dumps({"rows": rows}).encode(), 2000)
    np.testing.assert_array_equal(shared.predict(read.values), together.predict(read.values))
    assert len(set(together.predict(read.values))) == 50
