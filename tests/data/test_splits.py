"""Parts and folds: apart, complete, stratified, and the same every time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from churnlab.data.schema import outcome, read_table
from churnlab.data.splits import repeated_stratified_folds, split
from churnlab.errors import ChurnlabError
from data.tables import ROWS, table

LABELS = st.tuples(st.integers(10, 60), st.integers(10, 60), st.integers(0, 99)).map(
    lambda drawn: np.random.default_rng(drawn[2]).permutation(
        np.repeat([0, 1], [drawn[0], drawn[1]])
    )
)
SEEDS = st.integers(0, 2**32 - 20)


def test_the_published_telecom_split_is_the_first_3333_rows(telecom, telecom_table):
    train, test = split(telecom_table, telecom, "published", 0.3, 42)

    assert (len(train), outcome(train, telecom).sum()) == (3333, 483)
    assert (len(test), outcome(test, telecom).sum()) == (1667, 224)
    assert train.index[-1] == 3332
    assert test.index[0] == 3333


@given(SEEDS, st.floats(0.1, 0.9))
def test_a_random_split_is_apart_complete_in_order_and_stratified(small_frame, seed, share):
    frame, catalog = small_frame
    train, test = split(frame, catalog, "random", share, seed)

    assert sorted([*train.index, *test.index]) == list(range(ROWS))
    assert train.index.is_monotonic_increasing
    assert test.index.is_monotonic_increasing
    assert len(test) == np.ceil(share * ROWS)
    expected = outcome(frame, catalog).mean() * len(test)
    assert abs(outcome(test, catalog).sum() - expected) <= 1


@given(SEEDS)
def test_the_same_seed_gives_the_same_random_split_and_another_seed_another(small_frame, seed):
    frame, catalog = small_frame
    first, again, other = (
        list(split(frame, catalog, "random", 0.5, s)[0].index) for s in (seed, seed, seed + 1)
    )

    assert first == again
    assert first != other


@pytest.fixture(scope="session")
def small_frame(small, tmp_path_factory):
    file = tmp_path_factory.mktemp("small") / "small.csv"
    file.write_text(table())
    return read_table(file, small), small


def test_a_study_without_published_split_says_how_to_get_one(small_frame):
    frame, catalog = small_frame
    without = catalog.model_copy(update={"split": None})

    with pytest.raises(ChurnlabError, match=r"split.small.*write random"):
        split(frame, without, "published", 0.3, 42)


def test_a_published_split_beyond_the_table_is_told(small_frame):
    frame, catalog = small_frame

    with pytest.raises(ChurnlabError, match="28 leaves no test rows of 20"):
        split(frame[:20], catalog, "published", 0.3, 42)


@pytest.mark.parametrize("mode", ["published", "random"])
def test_a_part_that_would_lack_a_class_is_told(small_frame, mode):
    frame, catalog = small_frame
    one_churner = pd.concat([frame[:1], frame[frame["left"] == "no"]]).reset_index(drop=True)

    with pytest.raises(ChurnlabError, match=r"rows have y = 0|too few for a stratified test part"):
        split(one_churner, catalog, mode, 0.3, 42)


@given(LABELS, st.integers(2, 10), st.integers(1, 3), SEEDS)
def test_every_repeat_holds_out_each_row_once_and_every_fold_has_its_share_of_churners(
    y, folds, repeats, seed
):
    result = repeated_stratified_folds(y, folds, repeats, seed)

    assert [(f.repeat, f.fold) for f in result] == list(np.ndindex(repeats, folds))
    for repeat in range(repeats):
        held_out = np.concatenate([f.test for f in result if f.repeat == repeat])
        assert sorted(held_out) == list(range(len(y)))
    for fold in result:
        assert sorted([*fold.train, *fold.test]) == list(range(len(y)))
        assert abs(y[fold.test].sum() - y.sum() / folds) < 1


@given(LABELS, SEEDS)
def test_folds_are_the_same_for_the_same_seed_and_differ_between_repeats(y, seed):
    first, again = (repeated_stratified_folds(y, 3, 2, seed) for _ in range(2))

    assert all(np.array_equal(a.test, b.test) for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(first[i].test, first[i + 3].test) for i in range(3))


def test_the_first_repeat_is_scikit_learns_own_split_of_that_seed():
    y = np.arange(100) % 5 == 0
    expected = StratifiedKFold(5, shuffle=True, random_state=20261122).split(np.zeros(100), y)

    for fold, (train, test) in zip(
        repeated_stratified_folds(y, 5, 1, 20261122), expected, strict=True
    ):
        assert np.array_equal(fold.train, train)
        assert np.array_equal(fold.test, test)


def test_fewer_rows_of_a_class_than_folds_are_told_before_anything_is_fitted():
    with pytest.raises(ChurnlabError, match="3 of 10 rows have y = 1, fewer than 5 folds"):
        repeated_stratified_folds(np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0]), 5, 1, 42)
