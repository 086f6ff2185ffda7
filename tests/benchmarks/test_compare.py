import numpy as np
import pandas as pd
from benchmarks.compare import run


def test_a_trial_is_the_same_twice_and_another_seed_gives_other_tables():
    assert run.null_trial(3) == run.null_trial(3)
    first, second = (run._table(np.random.default_rng(seed), 50)[0] for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_the_two_columns_say_equally_much():
    X, y = run._table(np.random.default_rng(0), 200_000)
    strength = [np.corrcoef(X[:, column], y)[0, 1] for column in (0, 1)]
    assert abs(strength[0] - strength[1]) < 0.01
    assert min(strength) > 0.2


def test_the_page_states_shares_with_intervals():
    found = pd.DataFrame({name: [True] + [False] * 19 for name in run.TESTS})
    text = run.page(found, "command")
    assert text.count("| 5.0% |") == len(run.TESTS)
    assert "0.9% to 23.6%" in text
