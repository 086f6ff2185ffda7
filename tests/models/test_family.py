import sys

import pytest

from churnlab.errors import ChurnlabError
from churnlab.models.family import known_families, load_family
from models.samples import prepared, recipe


def test_the_shipped_families_are_known():
    assert {"rf", "xgb", "mlp", "catboost"} <= set(known_families())


@pytest.mark.parametrize(("wrong", "right"), [("xgbb", "xgb"), ("catbost", "catboost")])
def test_a_misspelt_family_names_the_key_the_value_and_the_nearest_right_one(wrong, right):
    with pytest.raises(ChurnlabError, match=rf"models: '{wrong}' .*did you mean '{right}'\?"):
        load_family(wrong)


def test_a_name_like_no_other_lists_the_known_families_and_guesses_nothing():
    known = "known are catboost, lightgbm, logistic, mlp, rf, xgb"
    with pytest.raises(ChurnlabError, match=known) as raised:
        load_family("qqqqqq")
    assert "did you mean" not in str(raised.value)


def test_a_family_whose_library_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "catboost", None)
    monkeypatch.delitem(sys.modules, "churnlab.models.families.catboost", raising=False)
    with pytest.raises(ChurnlabError, match=r"'catboost' needs the package 'catboost'.*install"):
        load_family("catboost")


@pytest.mark.usefixtures("own_families")
def test_one_new_module_is_all_that_a_further_family_takes():
    rows = prepared(40)
    assert "memory" in known_families()
    fitted = recipe("memory").build().fit(rows, rows["y"].to_numpy())
    assert fitted.predict_proba(rows)[:, 1].tolist() != [0.5] * 40
