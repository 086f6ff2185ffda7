"""blend: weights and calibration from out-of-fold predictions; blended predictions."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from churnlab.evaluation.cross_validation import out_of_fold_mean
from churnlab.models.blending import cross_fitted_blend, fit_blend, widen
from churnlab.serialization import write_json, write_parquet
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import cross_validation_folds


def run(context: StudyContext) -> None:
    """Fit the blend of the tuned families and write its card and predictions."""
    calibration = context.params.blend.calibration
    tuned = list(context.params.models)
    held_out = _only(context.family_predictions("cv"), tuned)
    mean = widen(out_of_fold_mean(held_out), ["id", "y"])
    blend = fit_blend(mean[tuned], mean["y"].to_numpy(), calibration)
    write_json(context.paths.blend_card, blend.card())
    blended = cross_fitted_blend(held_out, calibration, visible_rows(context))
    write_parquet(context.paths.blend_predictions("cv"), blended)
    for part in ("test", "train"):
        wide = widen(_only(context.family_predictions(part), tuned), ["id", "y"])
        wide.insert(0, "model", "blend")
        wide["p"] = blend.predict(wide)
        write_parquet(context.paths.blend_predictions(part), wide[["model", "id", "y", "p"]])


def visible_rows(context: StudyContext) -> dict[tuple[Hashable, Hashable], set[object]]:
    """Return the ids that each fold's models were fitted on, by repeat and fold.

    Where folds are ordered in time, later dates and the held-out sellers are not for the blend
    either.
    """
    rows = context.train()
    return {
        (fold.repeat, fold.fold): set(rows["id"].iloc[fold.train])
        for fold in cross_validation_folds(context, rows)
    }


def _only(predictions: pd.DataFrame, models: list[str]) -> pd.DataFrame:
    return predictions[predictions["model"].isin(models)]
