import numpy as np
import pytest

from batch.bundles import ROWS, schema_document
from churnlab.batch.checks import check_names, check_rows
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
    with pytest.raises(ChurnlabError, match=rf"rows 11 to 15(?s:.*)'{name}': {words}.*row 14: "):
        check_rows(wrong(name, value), COLUMNS, "mine.csv", first=11)


def test_everything_that_is_wrong_is_told_at_once():
    rows = wrong("minutes", None)
    rows.loc[0, "plan"] = "gold"
    with pytest.raises(ChurnlabError) as raised:
        check_rows(rows, COLUMNS, "mine.csv", first=1)
    assert "'minutes'" in str(raised.value)
    assert "'plan'" in str(raised.value)


def test_rows_as_published_pass():
    check_rows(ROWS, COLUMNS, "mine.csv", first=1)


def test_a_column_whose_gaps_the_model_fills_may_have_them():
    filled = {**COLUMNS, "minutes": {**COLUMNS["minutes"], "missing": "filled"}}
    check_rows(wrong("minutes", None), filled, "mine.csv", first=1)


def test_a_code_may_be_new_but_not_missing():
    columns = {"plan": {"type": "code"}}
    check_rows(wrong("plan", "never seen"), columns, "mine.csv", first=1)
    with pytest.raises(ChurnlabError, match="'plan': missing in 1 rows"):
        check_rows(wrong("plan", None), columns, "mine.csv", first=1)


def test_a_misspelt_column_is_named_with_the_one_that_is_meant():
    with pytest.raises(ChurnlabError, match=r"mine.csv(?s:.*)'minutes': missing; is it 'minuts'"):
        check_names(["id", "minuts", "calls", "plan"], COLUMNS, "mine.csv")
