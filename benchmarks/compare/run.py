"""How often `churnlab compare` finds a difference where there is none.

Each trial draws a new table in which two columns say equally much about the outcome, and fits a
logistic regression on each. Two questions have no difference as their true answer:

- Which recipe is better? Neither, since the columns are alike. The tests over the folds ask this.
- Which of two fitted models is better? Two models on a finite table do differ a little, so their
  predictions of each test row change places at random and they share one threshold: then neither
  is better. The tests on the test part, and the verdict, ask this.

A test at level 0.05 should find a difference in at most 5 % of the trials.

The verdict is also counted on the two models as they were fitted, each with its own threshold. That
is what a reviewer of two equal recipes sees, and it is not all error: two thresholds do give
another recall and precision on the same customers.

Writes docs/benchmarks/compare.md.
"""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.compare.page import PRIMARY, page  # noqa: E402
from churnlab.data.splits import repeated_stratified_folds  # noqa: E402
from churnlab.evaluation.cross_validation import fold_metrics, thresholds  # noqa: E402
from churnlab.evaluation.significance import holm  # noqa: E402
from churnlab.models.out_of_fold import fold_table  # noqa: E402
from churnlab.review.evidence import Evidence  # noqa: E402
from churnlab.review.paired import (  # noqa: E402
    BETTER,
    WORSE,
    MetricComparison,
    Rules,
    compare_evidence,
    judge,
)
from churnlab.serialization import write_text  # noqa: E402

log = logging.getLogger("benchmarks.compare")
OUTPUT = ROOT / "docs" / "benchmarks" / "compare.md"
TRAIN_ROWS, TEST_ROWS = 400, 400
FOLDS, REPEATS = 5, 2
RULES = Rules()
Table = tuple[np.ndarray, np.ndarray]


def null_trial(seed: int) -> dict[str, bool]:
    """Return, for each test of the page, whether it found a difference."""
    generator = np.random.default_rng(seed)
    train, test = _table(generator, TRAIN_ROWS), _table(generator, TEST_ROWS)
    pair = [_evidence(column, train, test, seed) for column in (0, 1)]
    fitted = _judged(pair[0], pair[1])
    exchanged = _judged(*_exchange(pair[0], pair[1], generator))
    primary = next(one for one in exchanged if one.metric == PRIMARY)
    return {
        "verdict": bool(_told_apart(exchanged)),
        "bootstrap": primary.test.p_value < RULES.alpha,
        "corrected": _fold_p_value(primary) < RULES.alpha,
        "naive": _naive_p_value(pair[0], pair[1]) < RULES.alpha,
        "fitted_verdict": bool(_told_apart(fitted)),
        "fitted_primary": PRIMARY in _told_apart(fitted),
        "fitted_and_folds": _by_both(fitted),
    }


def _judged(first: Evidence, second: Evidence) -> list[MetricComparison]:
    return judge({"null": compare_evidence(first, second, RULES)}, RULES)["null"]


def _told_apart(judged: list[MetricComparison]) -> list[str]:
    return [one.metric for one in judged if one.verdict in (BETTER, WORSE)]


def _fold_p_value(one: MetricComparison) -> float:
    return 1.0 if one.held_out is None else one.held_out.p_value


def _by_both(judged: list[MetricComparison]) -> bool:
    """Whether test part and folds both tell some metric apart (intersection-union, Berger 1982)."""
    larger = [max(one.test.p_value, _fold_p_value(one)) for one in judged]
    return bool((holm(np.array(larger)) < RULES.alpha).any())


def _table(generator: np.random.Generator, rows: int) -> Table:
    X = generator.normal(size=(rows, 2))
    chance = 1 / (1 + np.exp(1.5 - X.sum(axis=1)))
    return X, (generator.uniform(size=rows) < chance).astype(np.int64)


def _evidence(
    column: int,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> Evidence:
    from sklearn.linear_model import LogisticRegression

    (X, y), (X_test, y_test) = train, test
    used = [column]
    ids = np.arange(len(y))
    folds = repeated_stratified_folds(y, FOLDS, REPEATS, seed)
    held_out = pd.concat(
        [
            fold_table(
                "model",
                fold,
                ids[fold.test],
                y[fold.test],
                LogisticRegression()
                .fit(X[fold.train][:, used], y[fold.train])
                .predict_proba(X[fold.test][:, used])[:, 1],
            )
            for fold in folds
        ],
        ignore_index=True,
    )
    p = LogisticRegression().fit(X[:, used], y).predict_proba(X_test[:, used])[:, 1]
    judged = pd.DataFrame({"model": "model", "id": np.arange(len(p)), "y": y_test, "p": p})
    return Evidence(f"column {column}", judged, held_out, thresholds(held_out)["model"], PRIMARY)


def _exchange(
    first: Evidence, second: Evidence, generator: np.random.Generator
) -> tuple[Evidence, Evidence]:
    """Let the predictions of each test row change places at random; one threshold for both."""
    one, other = first.test["p"].to_numpy(), second.test["p"].to_numpy()
    kept = generator.uniform(size=len(one)) < 0.5
    swapped = np.where(kept, one, other), np.where(kept, other, one)
    return (
        replace(first, test=first.test.assign(p=swapped[0])),
        replace(second, test=second.test.assign(p=swapped[1]), threshold=first.threshold),
    )


def _naive_p_value(first: Evidence, second: Evidence) -> float:
    from scipy import stats

    one, other = (fold_metrics(side.held_out)[PRIMARY].to_numpy() for side in (first, second))
    return float(stats.ttest_rel(one, other).pvalue)


def main() -> int:
    """Run the trials that the command line asks for."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=200, help="null pairs (default: 200)")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="page to write")
    given = parser.parse_args()
    from tqdm import tqdm

    trials = [null_trial(seed) for seed in tqdm(range(given.trials), disable=None)]
    text = page(pd.DataFrame(trials), f"python benchmarks/compare/run.py --trials {given.trials}")
    write_text(given.output, text)
    log.info("wrote %s\n%s", given.output, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
