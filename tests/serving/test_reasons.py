"""Reasons: Shapley values of the served graph, by known answers."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.champions.reasons import in_words as listed_in_words
from churnlab.serving.model import ServedModel
from churnlab.serving.reasons import contributions, in_words
from churnlab.serving.rows import Rows, texts
from serving.shop import CITIES, deploy


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    version = deploy(home, home / "shop")
    return ServedModel.load("shop", home / "deployments/shop/versions" / version)


def rows_of(calls, spent, plan, city):
    return Rows(
        {
            "calls": np.array([calls], dtype=float),
            "Spent (BRL)": np.array([spent], dtype=float),
            "plan": texts([plan]),
            "city": texts([city]),
        }
    )


@given(
    calls=st.integers(0, 20),
    spent=st.floats(0, 300) | st.just(float("nan")),
    plan=st.sampled_from(["basic", "plus"]),
    city=st.sampled_from(["Recife", "Olinda", "elsewhere"]),
)
def test_of_a_sum_they_are_each_terms_distance_from_its_mean(model, calls, spent, plan, city):
    rows = rows_of(calls, spent, plan, city)
    around = model.background.rows
    terms = {
        "calls": (0.3 * calls, 0.3 * around["calls"]),
        "Spent (BRL)": (0.01 * np.nan_to_num(spent), 0.01 * np.nan_to_num(around["Spent (BRL)"])),
        "plan": (0.7 * (plan == "plus"), 0.7 * (around["plan"] == "plus")),
        "city": (CITIES.get(city, 0.0), [CITIES[one] for one in around["city"]]),
    }
    expected = [terms[name][0] - np.mean(terms[name][1]) for name in model.schema.columns]
    assert contributions(model, rows)[0] == pytest.approx(expected, abs=1e-6)


def test_they_do_not_depend_on_the_rows_beside(model):
    one, other = rows_of(3, 50.0, "basic", "Recife"), rows_of(9, 10.0, "plus", "Olinda")
    names = ("calls", "Spent (BRL)", "plan", "city")
    parts = [[rows.values[name] for rows in (one, other)] for name in names]  # noqa: PD011
    both = Rows(dict(zip(names, map(np.concatenate, parts), strict=True)))
    assert np.array_equal(contributions(model, both)[0], contributions(model, one)[0])


def test_the_background_has_the_shares_and_quantiles_of_the_reference(model):
    rows = pd.DataFrame(model.background.rows)
    assert (rows["plan"] == "plus").mean() == 0.25
    assert (rows["city"] == "Olinda").mean() == 0.5
    assert rows["calls"].mean() == pytest.approx(5.0, abs=0.1)
    assert rows["Spent (BRL)"].isna().mean() == pytest.approx(0.1, abs=0.05)


class _Column:
    def __init__(self, described, number):
        self.description, self.is_number = described, number


class _Catalog:
    columns: ClassVar = {"calls": _Column("Calls", True), "plan": _Column("Plan", False)}


@pytest.mark.parametrize("value", [0.0, 3.0, 0.12345, 12345.6, -2.5, float("nan")])
@pytest.mark.parametrize("usual", [None, 1.0, 80.55])
def test_words_are_those_of_the_list(value, usual):
    typical = {} if usual is None else {"calls": usual}
    expected = listed_in_words("calls", value, _Catalog, typical)
    plain = None if np.isnan(value) else value
    assert in_words("calls", plain, {"description": "Calls", "usual": usual}) == expected
    assert in_words("plan", "plus", {"description": "Plan"}) == listed_in_words(
        "plan", "plus", _Catalog, typical
    )
