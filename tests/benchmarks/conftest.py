"""The benchmarks are no installed package: the repository's root goes on the path."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


@pytest.fixture
def settings():
    from benchmarks.quality.systems import Settings

    return Settings(ROOT, "telecom", seed=42, threads=1, budget_seconds=5.0, models=("rf", "xgb"))


@pytest.fixture(scope="session")
def rows(telecom_table, telecom):
    """Three hundred rows of the telecom study with the folds of the benchmark."""
    from benchmarks.quality.table import judged_rows

    return judged_rows(telecom_table, telecom, 300)


@pytest.fixture(scope="session")
def fold(rows):
    """The rows to fit on and those held out in the first fold."""
    held_out = rows["fold"] == 0
    return tuple(part.reset_index(drop=True) for part in (rows[~held_out], rows[held_out]))


@pytest.fixture(scope="session")
def tiny_context(params, telecom):
    """The study with two quick families and the smallest searches."""
    from churnlab.paths import StudyPaths
    from churnlab.stages.context import StudyContext

    space = {
        "rf": {"n_estimators": 20, "max_depth": {"low": 3, "high": 6}},
        "xgb": {"n_estimators": 20, "max_depth": {"low": 2, "high": 3}},
    }
    tune = params.tune.model_copy(
        update={"folds": 2, "batch": 1, "trials": {"rf": 2, "xgb": 2}, "space": space}
    )
    judged = params.cross_validate.model_copy(update={"folds": 3, "repeats": 1})
    small = params.model_copy(
        update={"models": ("rf", "xgb"), "threads": 1, "tune": tune, "cross_validate": judged}
    )
    return StudyContext(small, telecom, StudyPaths(ROOT, "telecom"))
