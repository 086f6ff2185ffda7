"""Small fitted champions: single models and blends of them."""

import functools

import numpy as np

from churnlab.champions.champion import Champion
from churnlab.models.blending import Blend
from models.samples import SMALL_PARAMETERS, prepared, recipe

TRAIN = prepared(150)
FRESH = prepared(300, seed=9)
BLENDS = {
    "none": Blend({"rf": 0.2, "xgb": 0.5, "mlp": 0.3}, "none"),
    "platt": Blend({"rf": 0.2, "xgb": 0.5, "mlp": 0.3}, "platt", slope=1.3, intercept=-0.4),
    "isotonic": Blend(
        {"rf": 0.2, "xgb": 0.5, "mlp": 0.3},
        "isotonic",
        knots=((-2.0, 0.01), (-0.7, 0.01), (-0.2, 0.3), (-0.1, 0.7), (1.5, 0.95)),
    ),
}


@functools.cache
def pipeline(family, baseline=False):
    """A fitted pipeline; fitted once per test run."""
    if baseline:
        made = recipe(family, None, name=f"{family}_baseline")
    else:
        made = recipe(family, SMALL_PARAMETERS[family])
    return made.build().fit(TRAIN, TRAIN["y"].to_numpy())


def single(family, baseline=False):
    name = f"{family}_baseline" if baseline else family
    return Champion(name, {name: (family, pipeline(family, baseline))})


def blended(calibration):
    families = ("rf", "xgb", "mlp")
    pipelines = {name: (name, pipeline(name)) for name in families}
    return Champion("blend", pipelines, BLENDS[calibration])


def inputs(rows, session):
    """What a session is fed: one column each, shape (rows, 1)."""
    return {
        entry.name: rows[[entry.name]].to_numpy(
            dtype=np.float64 if entry.type == "tensor(double)" else object
        )
        for entry in session.get_inputs()
    }
