import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from churnlab.models.search_space import suggest

SPACE = {
    "trees": {"low": 100, "high": 400, "step": 50},
    "depth": {"low": 2, "high": 6},
    "rate": {"low": 0.01, "high": 0.2, "log": True},
    "share": {"low": 0.5, "high": 1.0},
    "criterion": ["gini", "entropy"],
    "layers": 2,
    "loss": "log_loss",
}


def asked(space, seed=0):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    trial = study.ask()
    return suggest(trial, space), trial.distributions


def test_each_entry_becomes_the_distribution_that_it_describes():
    _, distributions = asked(SPACE)
    assert distributions == {
        "trees": IntDistribution(100, 400, step=50),
        "depth": IntDistribution(2, 6),
        "rate": FloatDistribution(0.01, 0.2, log=True),
        "share": FloatDistribution(0.5, 1.0),
        "criterion": CategoricalDistribution(["gini", "entropy"]),
    }


def test_fixed_values_are_passed_on_and_never_searched():
    values, distributions = asked(SPACE)
    assert (values["layers"], values["loss"]) == (2, "log_loss")
    assert not {"layers", "loss"} & set(distributions)


def test_parameters_keep_the_order_of_the_file():
    assert list(asked(SPACE)[0]) == list(SPACE)


@pytest.mark.parametrize("seed", range(8))
def test_values_stay_inside_their_range_and_on_their_step(seed):
    values, _ = asked(SPACE, seed)
    assert values["trees"] in range(100, 401, 50)
    assert isinstance(values["depth"], int)
    assert 2 <= values["depth"] <= 6
    assert 0.01 <= values["rate"] <= 0.2
    assert values["criterion"] in ("gini", "entropy")


def test_a_float_step_is_kept():
    _, distributions = asked({"share": {"low": 0.0, "high": 1.0, "step": 0.25}})
    assert distributions["share"] == FloatDistribution(0.0, 1.0, step=0.25)
