import numpy as np
import pytest

from churnlab.errors import ChurnlabError
from churnlab.features.variants import derive, indicator

NUMERIC = ("minutes", "calls")
CATEGORICAL = {"plan": ("basic", "family", "premium"), "region": ("north", "south")}


def columns():
    names = [*NUMERIC, *(indicator(n, level) for n, ls in CATEGORICAL.items() for level in ls)]
    return {name: np.array([float(i)]) for i, name in enumerate(names)}


def names(variant, study="small", reduced=()):
    return list(derive(columns(), study, variant, NUMERIC, CATEGORICAL, reduced))


def test_all_keeps_every_column_and_drops_the_first_level_of_each_category():
    assert names("all") == ["minutes", "calls", "plan=family", "plan=premium", "region=south"]


def test_reduced_keeps_the_named_columns_in_table_order():
    assert names("reduced", reduced=("plan", "calls")) == ["calls", "plan=family", "plan=premium"]


def test_engineered_equals_all_for_a_study_without_a_module():
    assert names("engineered") == names("all")


def test_an_unknown_variant_names_the_key_the_value_and_the_choices():
    with pytest.raises(ChurnlabError, match=r"features\.small: .*'reducd'.*reduced") as raised:
        names("reducd")
    assert "engineered" in str(raised.value)


def test_a_reduced_column_that_preparation_dropped_is_named_with_its_remedy():
    with pytest.raises(ChurnlabError, match=r"lacks: charge; .*data/catalog/small\.yaml"):
        names("reduced", reduced=("minutes", "charge"))


def test_an_engineered_feature_without_its_column_names_column_and_remedy():
    with pytest.raises(
        ChurnlabError, match=r"features\.bank: .*'NumOfProducts'.*features\.bank: all"
    ):
        names("engineered", study="bank")
