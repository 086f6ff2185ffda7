"""evaluate: metrics with intervals and curves, from predictions alone."""

from __future__ import annotations

from churnlab.evaluation.clusters import places
from churnlab.evaluation.cross_validation import (
    cv_intervals,
    fold_metrics,
    held_out_ratio,
    summarise_folds,
    thresholds,
)
from churnlab.evaluation.curves import (
    calibration_points,
    confusion_counts,
    lift_points,
    precision_recall_points,
    roc_curve_points,
    threshold_curve,
)
from churnlab.evaluation.intervals import bootstrap_intervals
from churnlab.evaluation.metrics import all_metrics
from churnlab.serialization import write_csv, write_json
from churnlab.stages.context import StudyContext

METRIC_DIGITS = 4


def run(context: StudyContext) -> None:
    """Write test.json, cv.json, intervals.json, thresholds.json and the data of the curves."""
    settings = context.params.evaluate
    test, held_out = context.test_predictions(), context.out_of_fold_predictions()
    folds = fold_metrics(held_out, context.horizon_days())
    chosen = thresholds(held_out)
    place = places(test.loc[test["model"] == test["model"].iloc[0], "id"].to_numpy())
    parts = {
        str(model): (part["y"].to_numpy(), part["p"].to_numpy(), chosen[str(model)])
        for model, part in test.groupby("model", sort=False)
    }
    content = {
        "test": {model: all_metrics(*part) for model, part in parts.items()},
        "cv": summarise_folds(folds),
        "thresholds": chosen,
        "intervals": {
            "cv": cv_intervals(folds, held_out_ratio(held_out), settings.confidence),
            "test": {
                model: bootstrap_intervals(
                    *part,
                    samples=settings.bootstrap_samples,
                    confidence=settings.confidence,
                    seed=context.params.seed,
                    entity=None if place is None else place.entity,
                )
                for model, part in parts.items()
            },
        },
    }
    for name, values in content.items():
        digits = 6 if name == "thresholds" else METRIC_DIGITS
        write_json(context.paths.metrics(name), values, digits=digits)
    judged = test[test["model"].isin([*context.params.models, "blend"])]
    curves = {
        "roc": roc_curve_points(judged),
        "precision_recall": precision_recall_points(judged),
        "lift": lift_points(judged),
        "calibration": calibration_points(judged, settings.calibration_bins, settings.confidence),
        "threshold": threshold_curve(judged),
        "confusion": confusion_counts(judged, chosen),
    }
    for name, frame in curves.items():
        write_csv(context.paths.curve(name), frame)
