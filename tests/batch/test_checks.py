import re

import numpy as np
import pytest

from batch.bundles import ROWS, schema_document
from churnlab.batch.checks import check_names, refusal, violations
from churnlab.errors import ChurnlabError

COLUMNS = schema_document()["columns"]


def wrong(name, value):
    rows = ROWS.head(5).copy().astype({name: object})
    rows.loc[3, name] = value
    return rows


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("minutes", "many", "not a number"),
        ("minutes", np.inf, "infinite"),
        ("minutes", None, "missing"),
        ("minutes", -1.0, "below 0"),
        ("calls", 10_001.0, "above 10000"),
        ("plan", "platinum", "not one of basic, family, premium"),
        ("plan", None, "not one of"),
    ],
)
def test_a_value_that_the_model_could_only_guess_at_is_named_with_its_row(name, value, words):
    (found,) = violations(wrong(name, value), COLUMNS)
    assert (found.column, found.places) == (name, [3])
    said = str(refusal([found], "mine.csv", first=11, count=5))
    assert re.search(rf"rows 11 to 15(?s:.*)'{name}': {words}.*row 14: ", said)


def test_a_broken_number_of_whole_things_is_named():
    columns = {**COLUMNS, "calls": {**COLUMNS["calls"], "integer": True}}
    (found,) = violations(wrong("calls", 2.5), columns)
    assert (found.column, found.rule, found.found) == ("calls", "not a whole number", [2.5])
    assert violations(wrong("calls", 2.0), columns) == []


def test_everything_that_is_wrong_is_told_at_once():
    rows = wrong("minutes", None)
    rows.loc[0, "plan"] = "gold"
    found = violations(rows, COLUMNS)
    assert [(one.column, one.rule.split()[0]) for one in found] == [
        ("minutes", "missing"),
        ("plan", "not"),
    ]


def test_rows_as_published_pass():
    assert violations(ROWS, COLUMNS) == []


def test_a_column_whose_gaps_the_model_fills_may_have_them():
    filled = {**COLUMNS, "minutes": {**COLUMNS["minutes"], "missing": "filled"}}
    assert violations(wrong("minutes", None), filled) == []


def test_a_code_may_be_new_but_not_missing():
    columns = {"plan": {"type": "code"}}
    assert violations(wrong("plan", "never seen"), columns) == []
    (found,) = violations(wrong("plan", None), columns)
    assert (found.rule, found.places) == ("missing", [3])


def test_a_misspelt_column_is_named_with_the_one_that_is_meant():
    with pytest.raises(ChurnlabError, match=r"mine.csv(?s:.*)'minutes': missing; is it 'minuts'"):
        check_names(["id", "minuts", "calls", "plan"], COLUMNS, "mine.csv")
