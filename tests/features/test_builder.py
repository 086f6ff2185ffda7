import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from churnlab.errors import ChurnlabError
from churnlab.features.builder import FeatureBuilder
from models.samples import SCHEMA, prepared


def builder(study="small", variant="all", schema=SCHEMA):
    return FeatureBuilder(study, variant, schema.numeric, schema.categorical, schema.reduced)


def telecom_rows(telecom_table, rows):
    return telecom_table.head(rows).reset_index(drop=True)


def test_the_matrix_is_float32_with_a_name_per_column():
    rows = prepared(20)
    built = builder().fit(rows)
    matrix = built.transform(rows)
    names = list(built.get_feature_names_out())
    assert matrix.dtype == np.float32
    assert names == ["minutes", "calls", "plan=family", "plan=premium"]
    np.testing.assert_array_equal(matrix[:, 0], rows["minutes"].to_numpy(np.float32))
    np.testing.assert_array_equal(matrix[:, 3], (rows["plan"] == "premium").to_numpy(np.float32))


def test_a_missing_column_is_named_with_the_columns_that_are_there():
    rows = prepared(5).drop(columns="calls")
    with pytest.raises(ChurnlabError, match=r"small: .*lack the columns calls; .*minutes"):
        builder().transform(rows)


def test_an_unknown_category_is_named_with_its_column_and_the_known_ones():
    rows = prepared(5)
    rows.loc[3, "plan"] = "Premium"
    with pytest.raises(ChurnlabError, match=r"column plan .*Premium; known are basic, family"):
        builder().transform(rows)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_category_is_an_unknown_one(missing):
    rows = prepared(5)
    rows["plan"] = rows["plan"].astype(object)
    rows.loc[3, "plan"] = missing
    with pytest.raises(ChurnlabError, match="column plan"):
        builder().transform(rows)


def test_columns_that_are_not_inputs_never_reach_the_matrix():
    rows = prepared(30)
    changed = rows.assign(id=-1, y=1 - rows["y"], Complain=rows["y"])
    np.testing.assert_array_equal(
        builder().fit_transform(rows), builder().fit(changed).transform(changed)
    )


def test_the_order_of_the_tables_columns_does_not_matter():
    rows = prepared(10)
    np.testing.assert_array_equal(
        builder().fit_transform(rows), builder().fit_transform(rows[rows.columns[::-1]])
    )


def test_a_clone_is_an_equal_builder():
    rows = prepared(10)
    copy = clone(builder(variant="reduced", schema=SCHEMA))
    assert copy.get_params()["variant"] == "reduced"
    np.testing.assert_array_equal(
        clone(builder()).fit_transform(rows), builder().fit_transform(rows)
    )


@pytest.mark.parametrize("variant", ["all", "reduced", "engineered"])
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_rows_features_do_not_depend_on_the_other_rows(telecom, telecom_table, variant, data):
    rows = telecom_rows(telecom_table, 40)
    built = FeatureBuilder(
        "telecom",
        variant,
        telecom.numeric_inputs,
        telecom.categorical_inputs,
        telecom.reduced_columns,
    )
    expected = built.fit(rows).transform(rows)
    taken = data.draw(st.lists(st.integers(0, 39), min_size=1, max_size=60))
    subset = rows.iloc[taken]
    # Fitted on other rows than those it transforms, in another order, some of them twice.
    fitted_on = rows.iloc[data.draw(st.lists(st.integers(0, 39), min_size=1, max_size=3))]
    np.testing.assert_array_equal(built.fit(fitted_on).transform(subset), expected[taken])


def test_a_large_table_is_transformed_as_its_parts_are():
    rows = pd.concat([prepared(500, seed=s) for s in range(2)], ignore_index=True)
    whole = builder().fit(rows.head(1)).transform(rows)
    parts = [builder().transform(rows.iloc[i : i + 100]) for i in range(0, 1000, 100)]
    np.testing.assert_array_equal(whole, np.vstack(parts))


def test_text_in_a_numeric_column_is_named_with_the_column_and_the_value():
    rows = prepared(3).astype({"minutes": object})
    rows.loc[1, "minutes"] = "twelve"
    with pytest.raises(ChurnlabError, match=r"minutes must hold numbers.*'twelve'"):
        builder().fit(prepared(3)).transform(rows)
