"""Recipes of the repository's own studies, from its parameters and catalogs."""

import numpy as np
import pandas as pd
import pytest

from churnlab.paths import StudyPaths
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import (
    baseline_recipe,
    cross_validation_folds,
    table_schema,
    tuned_recipe,
    tuning_folds,
)

ROWS = pd.DataFrame({"id": np.arange(60), "y": np.arange(60) % 3 % 2})


@pytest.fixture
def context(params, telecom, repo_root):
    return StudyContext(params, telecom, StudyPaths(repo_root, "telecom"))


@pytest.fixture
def prepared(telecom):
    """A prepared table without the charges, which preparation drops as copies of the minutes."""
    kept = [name for name in telecom.inputs if not name.endswith("_charge")]
    return pd.DataFrame(columns=["id", "y", *kept])


def test_the_schema_has_the_columns_that_preparation_kept_and_never_the_keys(context, prepared):
    schema = table_schema(context, prepared)
    assert [*schema.numeric, *schema.categorical]
    assert set(schema.numeric) | set(schema.categorical) == set(prepared.columns) - {"id", "y"}
    assert schema.categorical["international_plan"] == ("no", "yes")
    assert set(schema.reduced) <= set(prepared.columns)


def test_the_baseline_takes_all_columns_and_the_tuned_model_the_studys_features(context, prepared):
    baseline = baseline_recipe(context, "rf", prepared)
    tuned = tuned_recipe(context, "rf", prepared, parameters={"n_estimators": 3})
    assert (baseline.name, baseline.variant, baseline.parameters) == ("rf_baseline", "all", None)
    assert (tuned.name, tuned.variant) == ("rf", context.params.variant("telecom"))
    assert tuned.parameters == {"n_estimators": 3}
    assert baseline.seed == tuned.seed == context.params.seed


def test_the_search_and_the_judgement_cut_the_rows_differently(context):
    judged = cross_validation_folds(context, ROWS)
    searched = tuning_folds(context, ROWS)
    settings = context.params.cross_validate
    assert len(judged) == settings.folds * settings.repeats
    assert len(searched) == context.params.tune.folds
    own = {tuple(fold.test) for fold in judged}
    assert not own & {tuple(fold.test) for fold in searched}
