"""Pictures of how well models do, and how sure that is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from churnlab.reporting.figures import curves, decisions, evidence, training
from churnlab.reporting.gallery.drawing import Drawing
from churnlab.reporting.results import StudyResults

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OVERFIT_METRICS = ("log_loss", "roc_auc", "f1")
PROTOCOL_METRICS = ("f1", "roc_auc", "accuracy")


def drawings(results: StudyResults) -> dict[str, Drawing]:
    """Return the drawings that judge the study's models."""
    found = {**_ranking(results), **_decisions(results), **_evidence(results)}
    if results.has_metrics("protocols"):
        found["protocols"] = Drawing(
            "What each protocol reports",
            "The same model and rows; orange protocols let held-out rows reach the fit. "
            "Dashed: the honest figure.",
            lambda: evidence.protocols(results.protocols(), PROTOCOL_METRICS),
        )
    return found


def _ranking(results: StudyResults) -> dict[str, Drawing]:
    churn_rate = results.profile()["class_balance"]["test"]["churn_rate"]
    return {
        "roc": Drawing(
            "ROC curve",
            "Test part. Further up and left is better.",
            lambda: curves.roc(results.curve("roc")),
        ),
        "precision_recall": Drawing(
            "Precision and recall",
            "Test part. Further up and right is better.",
            lambda: curves.precision_recall(results.curve("precision_recall"), churn_rate),
        ),
        "gain": Drawing(
            "Churners reached",
            "Test part, contacted in order of predicted risk.",
            lambda: curves.gain(results.curve("lift"), churn_rate),
        ),
        "lift": Drawing(
            "Lift",
            "Test part. How many times more churners are among the contacted than by chance.",
            lambda: curves.lift(results.curve("lift")),
        ),
    }


def _decisions(results: StudyResults) -> dict[str, Drawing]:
    chosen = results.metrics("thresholds")
    confidence = 100 * results.params.evaluate.confidence
    return {
        "threshold": Drawing(
            "F1 by decision threshold",
            "Test part. Dots: thresholds chosen beforehand on out-of-fold predictions.",
            lambda: curves.threshold(results.curve("threshold"), chosen, "f1"),
        ),
        "profit": Drawing(
            "Profit by decision threshold",
            "Test part, per customer, at the costs of the expected maximum profit measure.",
            lambda: curves.threshold(results.curve("threshold"), chosen, "profit"),
        ),
        "calibration": Drawing(
            "Calibration",
            f"Test part in bins of equally many rows, {confidence:g} % Wilson intervals, "
            "square-root scales. On the dashed line, probabilities are observed rates.",
            lambda: decisions.calibration(results.curve("calibration")),
        ),
        "confusion": Drawing(
            "Confusion matrices",
            "Test part at the chosen thresholds; shares are of what stands in the row.",
            lambda: decisions.confusion(results.curve("confusion")),
        ),
    }


def _evidence(results: StudyResults) -> dict[str, Drawing]:
    primary = results.params.compare.primary
    shown = tuple(dict.fromkeys((primary, "roc_auc", "average_precision", "f1")))
    confidence = 100 * results.params.evaluate.confidence
    return {
        "forest": Drawing(
            "Metrics with intervals",
            f"{confidence:g} % intervals: corrected for overlapping training rows in "
            "cross-validation (Nadeau & Bengio), bootstrap on the test part.",
            partial(_forest, results, shown),
        ),
        "overfit": Drawing(
            "Fitted, held-out and test rows",
            "A wide gap between fitted and held-out rows is over-fit.",
            lambda: evidence.overfit(
                results.metrics("errors")["overfit"], results.models, OVERFIT_METRICS
            ),
        ),
        "learning": Drawing(
            "Learning curves",
            "Tuned models on held-out rows, by the share of training rows fitted on.",
            lambda: training.learning(results.curve("learning")),
        ),
    }


def _forest(results: StudyResults, metrics: tuple[str, ...]) -> Figure:
    return evidence.forest(results.metrics("intervals"), results.models, metrics)
