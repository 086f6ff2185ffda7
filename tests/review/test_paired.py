from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from churnlab.errors import ChurnlabError
from churnlab.evaluation.metrics import METRICS
from churnlab.review.paired import (
    BETTER,
    EQUAL,
    INCONCLUSIVE,
    WORSE,
    Rules,
    compare_evidence,
    judge,
    samples_for,
)

from .samples import evidence, without_row

RULES = Rules(samples=400)
WEAK, STRONG = evidence(0.5, name="weak"), evidence(2.5, name="strong")


def compared(first=WEAK, second=STRONG, rules=RULES):
    judged = judge({"study": compare_evidence(first, second, rules)}, rules)
    return {one.metric: one for one in judged["study"]}


@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        ("roc_auc", roc_auc_score),
        ("average_precision", average_precision_score),
        ("log_loss", log_loss),
    ],
)
def test_differences_are_second_minus_first_by_another_librarys_metric(metric, reference):
    one = compared()[metric]
    first, second = (reference(side.test["y"], side.test["p"]) for side in (WEAK, STRONG))
    assert (one.first, one.second) == pytest.approx((first, second), abs=1e-6)
    assert one.test.difference == pytest.approx(second - first, abs=1e-6)


def test_intervals_and_p_values_are_those_of_scipys_paired_bootstrap():
    close = evidence(0.8, name="weak2")
    found = compared(WEAK, close, replace(RULES, samples=4000))["brier"]
    gaps = (close.test["p"] - close.test["y"]) ** 2 - (WEAK.test["p"] - WEAK.test["y"]) ** 2
    drawn = stats.bootstrap((gaps.to_numpy(),), np.mean, method="percentile", random_state=1)
    spread = drawn.confidence_interval.high - drawn.confidence_interval.low
    # Ours keeps the classes' shares, which takes a little of the spread away.
    assert found.test.low == pytest.approx(drawn.confidence_interval.low, abs=0.2 * spread)
    assert found.test.high == pytest.approx(drawn.confidence_interval.high, abs=0.2 * spread)
    reference = stats.ttest_1samp(gaps, 0).pvalue
    assert found.test.p_value == pytest.approx(reference, abs=0.03)


def test_accuracy_has_mcnemars_p_value():
    close = evidence(0.8, name="weak2")
    right = [
        (side.test["p"] >= side.threshold).to_numpy() == side.test["y"].to_numpy(dtype=bool)
        for side in (WEAK, close)
    ]
    table = [[np.sum(a & b) for b in (right[1], ~right[1])] for a in (right[0], ~right[0])]
    expected = mcnemar(np.array(table), exact=False, correction=True).pvalue
    assert 0.001 < expected < 0.9, "a p-value at either end would agree with any test"
    found = compared(WEAK, close)["accuracy"].test.p_value
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_bootstrap_p_value_can_fall_below_any_level_that_may_be_asked_for():
    strict = Rules(alpha=0.001, samples=samples_for(0.001, studies=1))
    assert compared(STRONG, WEAK, strict)["log_loss"].verdict == WORSE
    assert samples_for(0.05, studies=2) == Rules().samples


def test_p_values_are_adjusted_over_all_studies_together():
    halves = {name: compare_evidence(WEAK, STRONG, RULES) for name in ("one", "two")}
    judged = judge(halves, RULES)
    raw = [one.test.p_value for name in halves for one in halves[name]]
    adjusted = [one.adjusted_p_value for name in halves for one in judged[name]]
    assert adjusted == pytest.approx(multipletests(raw, method="holm")[1])
    assert len(adjusted) == 2 * len(METRICS)


def test_a_true_difference_is_told_in_both_directions():
    assert compared()["log_loss"].verdict == BETTER
    assert compared(STRONG, WEAK)["log_loss"].verdict == WORSE
    assert compared(STRONG, WEAK)["brier"].verdict == WORSE


def test_a_model_against_itself_is_practically_equal():
    assert {one.verdict for one in compared(WEAK, WEAK).values()} == {EQUAL}


def test_models_that_differ_by_noise_alone_are_inconclusive_or_equal():
    other = evidence(2.5, name="strong2")
    verdicts = {one.verdict for one in compared(STRONG, other).values()}
    assert verdicts <= {INCONCLUSIVE, EQUAL}
    assert INCONCLUSIVE in verdicts


def test_a_wide_region_of_equivalence_swallows_a_small_difference():
    slightly = evidence(2.55, name="strong")
    narrow, wide = (compared(STRONG, slightly, replace(RULES, rope=r)) for r in (0.0, 0.5))
    assert narrow["log_loss"].verdict == BETTER
    assert wide["log_loss"].verdict == EQUAL


def test_the_same_comparison_gives_the_same_figures():
    assert compared() == compared()


def test_other_test_rows_are_refused_with_the_counts():
    shorter = replace(STRONG, test=without_row(STRONG.test))
    with pytest.raises(ChurnlabError, match=r"different test rows: 400 and 399 rows, 399 of them"):
        compare_evidence(WEAK, shorter, RULES)


def test_other_folds_are_refused_with_what_to_do():
    held_out = STRONG.held_out.assign(fold=lambda frame: (frame["fold"] + 1) % 5)
    with pytest.raises(ChurnlabError, match=r"different folds.*same `seed`"):
        compare_evidence(WEAK, replace(STRONG, held_out=held_out), RULES)


def test_other_folds_do_not_matter_to_the_test_part_alone():
    held_out = STRONG.held_out.assign(fold=lambda frame: (frame["fold"] + 1) % 5)
    alone = replace(RULES, test_only=True)
    found = compared(WEAK, replace(STRONG, held_out=held_out), alone)
    assert {one.held_out for one in found.values()} == {None}
    assert found["log_loss"].test == compared()["log_loss"].test


def test_other_outcomes_of_the_same_customers_are_refused():
    test = STRONG.test.assign(y=lambda frame: frame["y"].where(frame["id"] != 7, 1 - frame["y"]))
    with pytest.raises(ChurnlabError, match=r"different test rows.* 399 of them"):
        compare_evidence(WEAK, replace(STRONG, test=test), RULES)


def test_the_width_of_an_id_does_not_matter_and_its_type_is_named():
    def with_ids(kind):
        frames = (frame.astype({"id": kind}) for frame in (STRONG.test, STRONG.held_out))
        return replace(STRONG, **dict(zip(("test", "held_out"), frames, strict=True)))

    assert compared(WEAK, with_ids("int32")) == compared()
    with pytest.raises(ChurnlabError, match=r"0 of them the same. Ids are int64 and object"):
        compare_evidence(WEAK, with_ids(str), RULES)


def test_the_order_of_rows_in_the_files_does_not_matter():
    shuffled = replace(STRONG, test=STRONG.test.sample(frac=1, random_state=3, ignore_index=True))
    assert compared(WEAK, shuffled) == compared()
