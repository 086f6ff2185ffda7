"""The population stability index, against a sum worked by hand and against rows drawn at random."""

import math

import numpy as np
import pytest

from churnlab.serving.pages.drift import (
    FLOOR,
    Drift,
    by_chance,
    category_bins,
    drifts,
    number_bins,
    stability_index,
)

DECILES = [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]


def test_the_index_is_the_sum_worked_by_hand():
    # (0.6 - 0.5) ln(0.6 / 0.5) + (0.3 - 0.3) ln 1 + (0.1 - 0.2) ln(0.1 / 0.2)
    # = 0.1 * 0.1823216 + 0 + 0.1 * 0.6931472
    assert stability_index([0.5, 0.3, 0.2], [0.6, 0.3, 0.1]) == pytest.approx(0.08754688)


def test_a_part_that_one_side_lacks_counts_as_the_floor():
    expected = (FLOOR - 0.1) * math.log(FLOOR / 0.1)
    assert stability_index([0.9, 0.1], [0.9, 0.0]) == pytest.approx(expected)


def test_numbers_are_counted_between_deciles_the_upper_one_included():
    bins = number_bins(DECILES, np.array([-5.0, 10.0, 10.5, 95.0, 500.0]))
    assert [one.expected for one in bins] == pytest.approx([0.1] * 10)
    assert [one.found for one in bins] == pytest.approx([0.4, 0.2, 0, 0, 0, 0, 0, 0, 0, 0.4])
    assert (bins[0].low, bins[0].high) == (None, 10.0)
    assert (bins[-1].low, bins[-1].high) == (90.0, None)


def test_missing_numbers_are_a_part_of_their_own():
    bins = number_bins(DECILES, np.array([5.0, math.nan, math.nan, 95.0]), missing=0.2)
    assert (bins[-1].kind, bins[-1].expected, bins[-1].found) == ("missing", 0.2, 0.5)
    assert sum(one.expected for one in bins) == pytest.approx(1.0)
    assert sum(one.found for one in bins) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.normal(100, 20, n),
        lambda rng, n: rng.poisson(1.6, n).astype(float),
        lambda rng, n: rng.poisson(90, n).astype(float),
        lambda rng, n: (rng.uniform(size=n) < 0.05).astype(float),
        lambda rng, n: (rng.uniform(size=n) < 0.95).astype(float),
        lambda rng, n: np.where(rng.uniform(size=n) < 0.72, 0, rng.poisson(30, n)).astype(float),
        lambda _, n: np.full(n, 7.0),
    ],
    ids=["normal", "few counts", "many counts", "rarely one", "mostly one", "zeros", "constant"],
)
def test_rows_of_the_same_distribution_are_stable_whatever_ties_they_have(draw):
    rng = np.random.default_rng(0)
    deciles = np.quantile(draw(rng, 4000), np.linspace(0, 1, 11))
    values = draw(rng, 4000)
    bins = number_bins(deciles, values, whole=bool((values == np.rint(values)).all()))
    index = stability_index([one.expected for one in bins], [one.found for one in bins])
    assert index < 0.05


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (lambda rng: rng.normal(100, 20, 4000), lambda rng: rng.normal(120, 20, 4000)),
        (lambda rng: rng.poisson(1.6, 4000), lambda rng: rng.poisson(3.2, 4000)),
        (lambda rng: np.full(4000, 7), lambda rng: np.full(4000, 9)),
        (lambda rng: rng.uniform(size=4000) < 0.05, lambda rng: rng.uniform(size=4000) < 0.5),
    ],
    ids=["normal", "counts", "constant", "rarely one"],
)
def test_rows_of_another_distribution_are_shifted(before, after):
    rng = np.random.default_rng(1)
    deciles = np.quantile(before(rng).astype(float), np.linspace(0, 1, 11))
    bins = number_bins(deciles, after(rng).astype(float), whole=True)
    index = stability_index([one.expected for one in bins], [one.found for one in bins])
    assert Drift("", bins, index, 0.0).level == "shifted"


def test_chance_is_the_quantile_of_rows_drawn_from_training():
    rng = np.random.default_rng(2)
    reference = rng.uniform(size=3000)
    deciles = np.quantile(reference, np.linspace(0, 1, 11))

    def index(rows):
        bins = number_bins(deciles, rng.uniform(size=rows))
        return stability_index([one.expected for one in bins], [one.found for one in bins])

    drawn = [index(400) for _ in range(400)]
    share = np.mean(np.array(drawn) > by_chance(10, 3000, 400))
    assert 0.02 < share < 0.09


def test_chance_is_chi_square_over_the_rows():
    # The 95 % quantile of chi-square with 9 degrees of freedom is 16.919 in every table.
    assert by_chance(10, 1000, 1000) == pytest.approx(16.919 / 500, rel=2e-3)


def test_categories_that_training_did_not_know_count_with_the_rarest():
    shares = {f"c{place:02}": 1 / 16 for place in range(12)} | {"big": 0.25}
    bins = category_bins(shares, ["big", "big", "c00", "new"])
    assert [one.category for one in bins][:2] == ["big", "c00"]
    assert len(bins) == 10
    assert (bins[-1].kind, bins[-1].expected, bins[-1].found) == ("rest", 4 / 16, 0.25)
    assert sum(one.expected for one in bins) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("index", "level"), [(0.0999, "stable"), (0.1, "moved"), (0.25, "moved"), (0.2501, "shifted")]
)
def test_levels_are_those_in_use(index, level):
    assert Drift("", [], index, 0.0).level == level


def test_columns_come_with_the_most_changed_first():
    reference = {
        "numeric": {"n": DECILES},
        "categorical": {"c": {"a": 0.5, "b": 0.5}},
        "score": np.linspace(0, 1, 11).tolist(),
        "rows": 100,
    }
    inputs = [{"n": 5 + 10 * place, "c": "a"} for place in range(10)]
    scores, columns = drifts(reference, inputs, np.linspace(0.05, 0.95, 10))
    assert scores.index == pytest.approx(0.0)
    assert [one.column for one in columns] == ["c", "n"]
    assert columns[1].index == pytest.approx(0.0)
    assert columns[0].level == "shifted"
