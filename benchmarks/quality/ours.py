"""The pipeline's whole recipe inside one fold: nothing that it chooses sees the held-out rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.quality.systems import OURS, FitFold, FoldPredictions, Settings
from churnlab.config import load_params
from churnlab.data.correlation import columns_to_drop, correlation_matrix, correlation_view
from churnlab.evaluation.comparison import ChampionRule, compare_models
from churnlab.evaluation.cross_validation import out_of_fold_mean, thresholds
from churnlab.models.blending import cross_fitted_blend, fit_blend, widen
from churnlab.models.out_of_fold import fit_and_predict, out_of_fold
from churnlab.models.recipe import Recipe
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import cross_validation_folds, search_recipe, tuned_recipe

BLEND = "blend"


def fit_fold(train: pd.DataFrame, test: pd.DataFrame, settings: Settings) -> FoldPredictions:
    """Prepare, tune, cross-validate, blend and choose as the stages do, then fit and predict."""
    params = load_params(settings.root / "params.yaml")
    params = params.model_copy(update={"models": settings.models})
    return fit_study_fold(StudyContext.load(settings.root, settings.study, params), train, test)


def fit_study_fold(
    context: StudyContext, train: pd.DataFrame, test: pd.DataFrame
) -> FoldPredictions:
    """Do the same with the parameters of `context`; nothing is read from its files."""
    kept = ["id", "y", *kept_columns(context, train)]
    rows, labels = train[kept], train["y"].to_numpy()
    recipes = [tuned(context, family, rows) for family in context.params.models]
    folds = cross_validation_folds(context, rows)
    held_out = out_of_fold(recipes, rows, labels, folds, context.params.threads)
    calibration = context.params.blend.calibration
    candidates = pd.concat([held_out, cross_fitted_blend(held_out, calibration)], ignore_index=True)
    champion = champion_name(context, candidates)
    mean = out_of_fold_mean(candidates)
    p = _predict(champion, recipes, (rows, labels, test[kept]), mean, calibration)
    own = mean[mean["model"] == champion].set_index("id").loc[train["id"]]
    inner = pd.DataFrame({"row": train["row"], "y": labels, "p": own["p"].to_numpy()})
    return FoldPredictions(p, inner, {"model": champion})


def kept_columns(context: StudyContext, rows: pd.DataFrame) -> list[str]:
    """Return the inputs that the preparation keeps, by the correlations in `rows`."""
    catalog = context.catalog
    matrix = correlation_matrix(correlation_view(rows, catalog))
    threshold = context.params.prepare.correlation_threshold
    dropped = {pair.second for pair in columns_to_drop(matrix, catalog.numeric_inputs, threshold)}
    return [name for name in catalog.inputs if name not in dropped]


def tuned(context: StudyContext, family: str, rows: pd.DataFrame) -> Recipe:
    """Return the recipe of one family with the parameters that the search finds on `rows`."""
    found = search_recipe(context, family, rows)
    return tuned_recipe(context, family, rows, parameters=found.parameters)


def champion_name(context: StudyContext, candidates: pd.DataFrame) -> str:
    """Return the tuned family or blend that the pipeline's rule chooses.

    The rule wants predictions of a test part to report on, and does not use them to choose; here
    it gets the out-of-fold ones a second time.
    """
    settings = context.params.compare
    rule = ChampionRule(
        settings.primary, settings.alpha, settings.margin, [*context.params.models, BLEND]
    )
    mean = out_of_fold_mean(candidates)
    comparison: dict[str, Any] = compare_models(candidates, mean, thresholds(candidates), rule)
    return str(comparison["champion"])


def _predict(
    champion: str,
    recipes: list[Recipe],
    data: tuple[pd.DataFrame, np.ndarray, pd.DataFrame],
    mean: pd.DataFrame,
    calibration: str,
) -> np.ndarray:
    rows, labels, test = data
    needed = [recipe for recipe in recipes if champion in (recipe.name, BLEND)]
    fitted = {recipe.name: fit_and_predict(recipe, rows, labels, test) for recipe in needed}
    if champion != BLEND:
        return fitted[champion]
    names = list(fitted)
    wide = widen(mean[mean["model"].isin(names)], ["id", "y"])
    blend = fit_blend(wide[names], wide["y"].to_numpy(), calibration)
    return blend.predict(pd.DataFrame(fitted))


FIT_FOLD: dict[str, FitFold] = {OURS: fit_fold}
