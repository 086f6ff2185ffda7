"""The champion of a study, loaded as trained or fitted anew on other rows."""

from __future__ import annotations

import json

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from churnlab.champions.champion import Champion
from churnlab.models.blending import Blend
from churnlab.models.recipe import Recipe
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import baseline_recipe, tuned_recipe


def champion_name(context: StudyContext) -> str:
    """Return the name of the champion that the `compare` stage chose."""
    return str(json.loads(context.paths.metrics("comparison").read_text())["champion"])


def load_champion(context: StudyContext) -> Champion:
    """Return the champion as the `train` stages fitted it."""
    pipelines = _load(context, _recipes(context, context.train()))
    return Champion(champion_name(context), pipelines, _blend(context))


def load_tuned(context: StudyContext) -> dict[str, tuple[str, Pipeline]]:
    """Return every tuned model with its family, by name, champion or not."""
    train = context.train()
    return _load(context, [tuned_recipe(context, name, train) for name in context.params.models])


def refit_champion(context: StudyContext, rows: pd.DataFrame, labels: np.ndarray) -> Champion:
    """Return the champion's recipe fitted on `rows`; blend weights stay as they are."""
    recipes = _recipes(context, rows)
    pipelines = {r.name: (r.family, r.build().fit(rows, labels)) for r in recipes}
    return Champion(champion_name(context), pipelines, _blend(context))


def _recipes(context: StudyContext, prepared: pd.DataFrame) -> list[Recipe]:
    name = champion_name(context)
    family, baseline, _ = name.partition("_baseline")
    if baseline:
        return [baseline_recipe(context, family, prepared)]
    families = context.params.models if name == "blend" else [name]
    return [tuned_recipe(context, model, prepared) for model in families]


def _load(context: StudyContext, recipes: list[Recipe]) -> dict[str, tuple[str, Pipeline]]:
    return {r.name: (r.family, joblib.load(context.paths.model(r.name))) for r in recipes}


def _blend(context: StudyContext) -> Blend | None:
    if champion_name(context) != "blend":
        return None
    card = json.loads(context.paths.blend_card.read_text())
    return Blend(**{**card, "knots": tuple(tuple(knot) for knot in card["knots"])})
