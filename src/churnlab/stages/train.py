"""train: fit one family on the whole training part and predict the test part, once."""

from __future__ import annotations

import joblib
import pandas as pd

from churnlab.models.curves import record_curve, training_curve
from churnlab.models.recipe import Recipe
from churnlab.paths import Part
from churnlab.serialization import write_parquet
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import baseline_recipe, cross_validation_folds, tuned_recipe


def run(context: StudyContext, model: str) -> None:
    """Write the tuned estimator, its training curve, and predictions of baseline and tuned."""
    train, test = context.train(), context.test()
    labels = train["y"].to_numpy()
    recipes = [baseline_recipe(context, model, train), tuned_recipe(context, model, train)]
    fitted = {recipe.name: recipe.build().fit(train, labels) for recipe in recipes}
    parts: dict[Part, pd.DataFrame] = {"test": test, "train": train}
    for part, rows in parts.items():
        predictions = pd.concat(
            [_predictions(recipe, fitted[recipe.name], rows) for recipe in recipes],
            ignore_index=True,
        )
        write_parquet(context.paths.predictions(model, part), predictions)
    for recipe in recipes:
        joblib.dump(fitted[recipe.name], context.paths.model(recipe.name), compress=3)
    fold = cross_validation_folds(context, train)[0]
    record_curve(context.paths.curve_dir(model), training_curve(recipes[1], train, labels, fold))


def _predictions(recipe: Recipe, pipeline: object, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": recipe.name,
            "id": rows["id"],
            "y": rows["y"],
            "p": pipeline.predict_proba(rows)[:, 1],  # type: ignore[attr-defined]
        }
    )
