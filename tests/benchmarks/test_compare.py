import numpy as np
import pandas as pd
from benchmarks.compare import page, run

from churnlab.evaluation.significance import PairedTest
from churnlab.review.paired import MetricComparison, Rules


def test_a_trial_is_the_same_twice_and_another_seed_gives_other_tables():
    assert run.null_trial(3) == run.null_trial(3)
    first, second = (run._table(np.random.default_rng(seed), 50)[0] for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_the_two_columns_say_equally_much():
    X, y = run._table(np.random.default_rng(0), 200_000)
    strength = [np.corrcoef(X[:, column], y)[0, 1] for column in (0, 1)]
    assert abs(strength[0] - strength[1]) < 0.01
    assert min(strength) > 0.2


def test_the_comparison_is_judged_by_the_rules_that_the_command_uses():
    assert Rules() == run.RULES


def test_a_difference_must_show_in_test_part_and_folds_to_be_found_by_both():
    def judged(test, folds):
        return [
            MetricComparison(name, 0.5, 0.6, PairedTest(0.1, 0, 0.2, p), PairedTest(0.1, 0, 0.2, q))
            for name, p, q in (("log_loss", test, folds), ("brier", 0.9, 0.9))
        ]

    assert run._by_both(judged(0.001, 0.02))
    assert not run._by_both(judged(0.001, 0.2))
    assert not run._by_both(judged(0.2, 0.001))


def test_the_page_states_shares_with_intervals():
    names = [*page.TESTS, *page.AS_FITTED]
    found = pd.DataFrame({name: [True] + [False] * 19 for name in names})
    text = page.page(found, "command")
    assert text.count("| 5.0% |") == len(names)
    assert "0.9% to 23.6%" in text
