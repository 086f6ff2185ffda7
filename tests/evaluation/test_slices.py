from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from churnlab.errors import ChurnlabError
from churnlab.evaluation.metrics import row_log_loss
from churnlab.evaluation.slices import column_conditions, excess_over_rest, worst_slices

COUNT = 2000


def planted(seed=0, noise=0.0):
    """Rows on which the probability is right but where plan is yes and calls are few."""
    generator = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "id": np.arange(COUNT),
            "plan": generator.choice(["no", "yes"], size=COUNT, p=[0.6, 0.4]),
            "calls": generator.integers(0, 8, size=COUNT).astype(float),
            "region": generator.choice(list("abcd"), size=COUNT),
        }
    )
    p = np.full(COUNT, 0.2)
    truth = np.where((rows["plan"] == "yes") & (rows["calls"] <= 1) & (noise == 0), 0.8, 0.2)
    return rows, (generator.random(COUNT) < truth).astype(int), p


def found_in(rows, y, p, **options):
    return worst_slices(rows, y, p, 0.5, **{"min_rows": 50, "count": 5} | options)


def test_a_planted_fault_in_two_inputs_is_named_first():
    rows, y, p = planted()
    worst = found_in(rows, y, p).iloc[0]
    assert worst["slice"] == "plan = yes and calls <= 1"
    inside = ((rows["plan"] == "yes") & (rows["calls"] <= 1)).to_numpy()
    loss = row_log_loss(y, p)
    assert worst["rows"] == inside.sum()
    assert worst["churn_rate"] == pytest.approx(y[inside].mean())
    assert worst["error_rate"] == pytest.approx(y[inside].mean())
    assert worst["excess"] == pytest.approx(loss[inside].mean() - loss[~inside].mean())
    assert worst["log_loss"] - worst["rest_log_loss"] == pytest.approx(worst["excess"])
    assert worst["expected_log_loss"] == pytest.approx(stats.entropy([0.2, 0.8]))
    assert worst["adjusted_p_value"] < 1e-6


def test_without_a_fault_few_searches_cry_wolf():
    cries = sum(
        (found_in(*planted(seed, noise=1.0))["adjusted_p_value"] < 0.05).any() for seed in range(60)
    )
    # Under the null the share of searches with any false alarm is at most 5 %, but for chance.
    assert cries <= 9


def test_the_excess_is_tested_like_welch():
    generator = np.random.default_rng(1)
    loss = generator.exponential(size=300)
    members = generator.random((300, 4)) < 0.3
    excess, p_value = excess_over_rest(members, loss)
    for place in range(4):
        inside = members[:, place]
        expected = stats.ttest_ind(
            loss[inside], loss[~inside], equal_var=False, alternative="greater"
        )
        assert p_value[place] == pytest.approx(expected.pvalue)
        assert excess[place] == pytest.approx(loss[inside].mean() - loss[~inside].mean())


def test_conditions_of_a_number_split_all_rows_once():
    inputs = pd.DataFrame({"minutes": np.random.default_rng(0).normal(size=400)})
    conditions = column_conditions(inputs, min_rows=1)
    assert len(conditions) == 4
    assert (np.sum(list(conditions.values()), axis=0) == 1).all()
    assert all("minutes" in words for words in conditions)


def test_levels_flags_and_constants_are_conditions_only_where_they_split():
    inputs = pd.DataFrame(
        {"plan": ["yes", "no"] * 10, "flag": [0.0, 1.0] * 10, "constant": [3.0] * 20}
    )
    assert list(column_conditions(inputs, min_rows=5)) == [
        "plan = no",
        "plan = yes",
        "flag = 0",
        "flag = 1",
    ]


def test_slices_are_large_enough_and_do_not_repeat_one_another():
    rows, y, p = planted()
    found = found_in(rows, y, p, min_rows=120, count=8)
    assert (found["rows"] >= 120).all()
    assert len(found) <= 8
    assert found["slice"].is_unique


def test_a_copied_column_does_not_repeat_its_slices():
    rows, y, p = planted()
    found = found_in(rows.assign(copied=rows["calls"]), y, p, count=20)
    assert found["excess"].is_unique


def test_the_adjustment_counts_every_slice_that_was_looked_at():
    rows, y, p = planted()
    loss = row_log_loss(y, p)
    single = column_conditions(rows.drop(columns="id"), min_rows=50)
    excess = {words: excess_over_rest(s[:, None], loss)[0][0] for words, s in single.items()}
    p_values = {words: excess_over_rest(s[:, None], loss)[1][0] for words, s in single.items()}
    for first, second in combinations(single, 2):
        both = single[first] & single[second]
        if both.sum() >= 50:
            found, p_value = excess_over_rest(both[:, None], loss)
            worse = found[0] > max(excess[first], excess[second])
            p_values[f"{first} and {second}"] = p_value[0] if worse else 1.0
    adjusted = multipletests(list(p_values.values()), method="fdr_bh")[1]
    expected = dict(zip(p_values, adjusted, strict=True))
    table = found_in(rows, y, p, count=100)
    assert len(table) > 10
    for row in table.itertuples():
        assert row.adjusted_p_value == pytest.approx(expected[row.slice])


def test_no_slice_large_enough_gives_an_empty_table_with_its_columns():
    rows, y, p = planted()
    found = found_in(rows, y, p, min_rows=COUNT)
    assert found.empty
    assert {"slice", "rows", "excess", "adjusted_p_value"} <= set(found.columns)


def test_inputs_of_other_rows_are_refused():
    rows, y, p = planted()
    with pytest.raises(ChurnlabError, match="1999 rows of inputs and 2000 predictions"):
        found_in(rows.iloc[1:], y, p)


def test_of_a_column_with_very_many_levels_the_most_frequent_are_tried():
    generator = np.random.default_rng(0)
    codes = pd.Series(generator.zipf(1.3, 20_000) % 900).astype(str).rename("code")
    tried = column_conditions(codes.to_frame(), min_rows=5)
    counts = codes.value_counts()
    assert len(tried) == 60
    assert min(rows.sum() for rows in tried.values()) >= counts.iloc[60]


def test_a_wide_table_is_searched_without_a_column_per_pair():
    import tracemalloc

    generator = np.random.default_rng(0)
    rows = pd.DataFrame(generator.normal(size=(3000, 60))).add_prefix("x")
    y = (generator.random(3000) < 0.2).astype(int)
    tracemalloc.start()
    found_in(rows, y, np.full(3000, 0.2))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # 240 conditions make 28,000 pairs, whose rows alone would be 84 MB, and their losses 670 MB.
    assert most < 60e6
