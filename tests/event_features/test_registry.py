"""The registry: one record per column, and a dictionary that people can read."""

import numpy as np
import pytest

from churnlab.config.catalog import Source
from churnlab.errors import ChurnlabError
from churnlab.event_features.dictionary import dictionary
from churnlab.event_features.registry import FAMILIES, registry
from churnlab.event_features.table_catalog import chosen, table_catalog
from event_features.tables import WINDOWS, compute

SOURCE = Source(file="items.csv", sha256="0" * 64, bytes=1, licence="none", citation="none")


def test_the_columns_are_the_registry_in_its_order(tables):
    listed = [feature.name for feature in registry(WINDOWS)]
    found = compute(tables)
    assert list(found.columns) == ["seller_id", "reference_date", "active", *listed]
    assert len(set(listed)) == len(listed)
    assert (found.dtypes.iloc[3:] == np.float64).all()


def test_a_feature_that_is_zero_where_empty_is_never_missing(tables):
    found = compute(tables)
    for feature in registry(WINDOWS):
        if feature.empty == "zero":
            assert found[feature.name].notna().all(), feature.name


def test_every_description_says_the_window(tables):
    for feature in registry((7, 28)):
        assert feature.description[0].isupper()
        if feature.window == "7d":
            assert "last 7 days" in feature.description
        assert "  " not in feature.description


def test_the_dictionary_has_one_row_for_all_windows_of_a_feature():
    page = dictionary(registry((7, 28)))
    assert page.count("`sales_orders_WINDOW`") == 1
    assert "| `sales_orders_WINDOW` | orders | zero | Orders |" in page
    assert "`7d`, `28d` or `life`" in page
    for family in {family.name for family in FAMILIES}:
        assert f"\n## {family}\n" in page


def test_the_catalog_of_the_rows_declares_each_feature_and_which_may_be_missing():
    features = chosen(registry((7,)), ["sales", "products"])
    catalog = table_catalog("olist", "Sellers", SOURCE, features)
    assert catalog.numeric_inputs == [feature.name for feature in features]
    assert "sales_ticket_7d" in catalog.filled_inputs
    assert "sales_orders_7d" not in catalog.filled_inputs
    assert not [name for name in catalog.inputs if name.startswith("payments")]


def test_a_misspelt_family_is_named_with_the_right_one():
    with pytest.raises(ChurnlabError, match="unknown family 'sale'; did you mean 'sales'"):
        chosen(registry((7,)), ["sale"])
