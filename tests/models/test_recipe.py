import dataclasses

import pytest

from churnlab.features.builder import FeatureBuilder
from churnlab.models.piecewise import PiecewiseLinearEncoder
from models.samples import SMALL_PARAMETERS, recipe


@pytest.mark.parametrize(
    ("family", "steps"),
    [("rf", ["features", "model"]), ("mlp", ["features", "scale", "model"])],
)
def test_a_pipeline_scales_only_where_the_family_wants_it(family, steps):
    pipeline = recipe(family, SMALL_PARAMETERS[family]).build()
    assert list(pipeline.named_steps) == steps
    assert isinstance(pipeline[0], FeatureBuilder)


def test_a_recipe_without_parameters_is_the_baseline_with_plain_scaling():
    pipeline = recipe("mlp").build()
    assert isinstance(pipeline[1], PiecewiseLinearEncoder)
    assert pipeline[1].bins == 0
    assert pipeline[-1].hidden == (10, 10)


def test_parameters_seed_and_threads_reach_the_estimator():
    forest = recipe("rf", SMALL_PARAMETERS["rf"], seed=11).build(threads=2)[-1]
    assert (forest.n_estimators, forest.max_depth) == (8, 4)
    assert (forest.random_state, forest.n_jobs) == (11, 2)


def test_a_built_pipeline_is_new_each_time():
    made = recipe("rf", SMALL_PARAMETERS["rf"])
    assert made.build()[-1] is not made.build()[-1]


def test_a_recipe_cannot_be_changed_once_made():
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe("rf").seed = 1
