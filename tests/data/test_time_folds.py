"""Folds of entities at several times: nobody on both sides, outcomes known before they are used."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.data.time_folds import grouped_time_folds, time_blocks
from churnlab.errors import ChurnlabError

FIRST = date(2017, 1, 1)


@st.composite
def rows(draw):
    """Draw entities at times, with room for the asked blocks and groups after the first dates."""
    step, horizon = draw(st.integers(5, 40)), draw(st.integers(1, 60))
    early = -(-horizon // step)
    blocks, groups = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    first_dates = draw(st.integers(1, 3))
    count = first_dates + early + blocks + draw(st.integers(0, 4))
    days = [str(FIRST + timedelta(days=step * n)) for n in range(count)]
    people = [f"s{n}" for n in range(groups + draw(st.integers(0, 5)))]
    every = [(person, day) for day in days for person in people]
    random = np.random.default_rng(draw(st.integers(0, 999)))
    chosen = random.permutation(len(every))[: max(len(every) * 3 // 4, 1)]
    # Whoever is first stands for every date, so that none of them is without a row.
    kept = sorted({*chosen.tolist(), *(n * len(people) for n in range(count))})
    entities, times = zip(*(every[n] for n in kept), strict=True)
    return np.array(entities), np.array(times), horizon, blocks, groups, first_dates


def folds_of(drawn, seed=3, repeats=1):
    entities, times, horizon, blocks, groups, first_dates = drawn
    groups = min(groups, len(set(entities)))
    if groups < 2:
        return None
    return grouped_time_folds(entities, times, horizon, blocks, groups, seed, repeats, first_dates)


@given(rows())
def test_nobody_is_on_both_sides_and_every_training_outcome_is_known_in_time(drawn):
    entities, times, horizon, *_ = drawn
    moments = pd.to_datetime(times)
    for fold in folds_of(drawn) or []:
        assert not set(entities[fold.train]) & set(entities[fold.test])
        decided = moments[fold.train].max() + pd.Timedelta(days=horizon)
        assert decided <= moments[fold.test].min()


@given(rows())
def test_a_row_is_held_out_at_most_once_per_repeat_and_only_once_enough_outcomes_are_known(drawn):
    _, times, horizon, _, _, first_dates = drawn
    begun = pd.Timestamp(str(sorted(set(times))[first_dates - 1])) + pd.Timedelta(days=horizon)
    late = set(np.flatnonzero(pd.to_datetime(times) >= begun))
    folds = folds_of(drawn, repeats=2) or []
    for repeat in (0, 1):
        held = [row for fold in folds if fold.repeat == repeat for row in fold.test]
        assert len(held) == len(set(held))
        assert set(held) <= late


@given(st.integers(2, 6), st.integers(2, 8), st.integers(1, 3), st.integers(0, 99))
def test_where_everybody_has_every_date_all_late_rows_are_held_out(people, dates, blocks, seed):
    times = np.repeat([str(FIRST + timedelta(days=20 * n)) for n in range(dates + 3)], people)
    entities = np.tile([f"s{n}" for n in range(people)], dates + 3)
    folds = grouped_time_folds(entities, times, 45, min(blocks, dates), 2, seed)
    held = sorted(row for fold in folds for row in fold.test)
    assert held == list(range(3 * people, len(times)))
    assert [fold.fold for fold in folds] == list(range(2 * min(blocks, dates)))


@given(rows())
def test_a_fold_is_never_judged_on_earlier_dates_than_the_one_before_it(drawn):
    moments = pd.to_datetime(drawn[1])
    starts = [moments[fold.test].min() for fold in folds_of(drawn) or []]
    groups = min(drawn[4], len(set(drawn[0])))
    assert all(a <= b for a, b in zip(starts, starts[groups:], strict=False))


@given(rows(), st.integers(0, 99))
def test_the_same_rows_and_seed_give_the_same_folds_in_any_order_of_rows(drawn, seed):
    first = folds_of(drawn, seed)
    if first is None:
        return
    turned = (drawn[0][::-1], drawn[1][::-1], *drawn[2:])
    last = len(drawn[0]) - 1
    for one, other in zip(first, folds_of(turned, seed), strict=True):
        assert np.array_equal(one.test, np.sort(last - other.test))
        assert np.array_equal(one.train, np.sort(last - other.train))


def test_twelve_months_make_three_blocks_after_a_horizon_of_training():
    entities = np.tile(["a", "b", "c", "d"], 12)
    times = np.repeat([f"2017-{month:02}-01" for month in range(1, 13)], 4)
    folds = grouped_time_folds(entities, times, 45, 3, 2, 0, first_dates=1)
    spans = [(max(times[f.train]), min(times[f.test]), max(times[f.test])) for f in folds]
    # 2017-01-01 is decided on 02-15, so 03-01 is the first date to be judged.
    assert spans == [
        ("2017-01-01", "2017-03-01", "2017-06-01"),
        ("2017-01-01", "2017-03-01", "2017-06-01"),
        ("2017-05-01", "2017-07-01", "2017-09-01"),
        ("2017-05-01", "2017-07-01", "2017-09-01"),
        ("2017-08-01", "2017-10-01", "2017-12-01"),
        ("2017-08-01", "2017-10-01", "2017-12-01"),
    ]


def test_more_blocks_than_late_dates_are_refused_with_the_numbers():
    days = np.array([0, 30, 60])
    with pytest.raises(ChurnlabError, match="2 blocks, but only 1 of 3 reference dates come 45"):
        time_blocks(days, 45, 2)


@pytest.mark.parametrize("groups", [1, 4])
def test_one_group_or_more_groups_than_entities_are_refused(groups):
    times = np.repeat(["2017-01-01", "2017-06-01"], 3)
    with pytest.raises(ChurnlabError, match=f"{groups} groups of 3 entities"):
        grouped_time_folds(np.array(list("abcabc")), times, 45, 1, groups, 0)
