"""Pictures of each family: its search, its training, what it looks at."""

from __future__ import annotations

from functools import partial

from churnlab.reporting.figures import importance, training
from churnlab.reporting.gallery.drawing import Drawing
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import model_title


def drawings(results: StudyResults) -> dict[str, Drawing]:
    """Return the drawings of the study's families."""
    found: dict[str, Drawing] = {}
    for family in results.families:
        found |= _family(results, family)
    return found | _importance(results)


def _family(results: StudyResults, family: str) -> dict[str, Drawing]:
    title = model_title(family)
    objective = results.params.tune.objective
    return {
        f"search_{family}": Drawing(
            f"Search of {title}",
            "Mean over the folds of the search; lower is better for losses.",
            lambda: training.search(
                results.trials(family), objective, results.search_importance(family), family
            ),
        ),
        f"search_slices_{family}": Drawing(
            f"{title} by parameter",
            "Every completed trial of the search.",
            lambda: training.search_slices(results.trials(family), objective, family),
            reported=False,
        ),
        f"training_{family}": Drawing(
            f"Training of {title}",
            "Log loss of the tuned model on one fold of the training part.",
            lambda: training.training(results.training_curves(family), family),
        ),
    }


def _importance(results: StudyResults) -> dict[str, Drawing]:
    if not results.has_metrics("importance"):
        return {}
    found = results.metrics("importance")
    own = {
        f"importance_{model}": Drawing(
            f"Importance inside {model_title(model)}",
            "As the model counts it while it is fitted, by feature.",
            partial(importance.impurity, shares, model),
        )
        for model, shares in found.get("impurity", {}).items()
    }
    return own | {
        "importance_permutation": Drawing(
            "Permutation importance",
            "Champion's recipe on held-out rows; lines: extremes over the shuffles.",
            partial(importance.permutation, found["permutation"]),
        ),
        "importance_shapley": Drawing(
            "Shapley values",
            "Champion on the test part, mean size of each column's contribution.",
            partial(importance.shapley, found["shap"]),
        ),
    }
