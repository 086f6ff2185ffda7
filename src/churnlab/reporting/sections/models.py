"""The sections on the models themselves: search, training, blend, what they look at."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.reporting.blocks import (
    Aside,
    Block,
    Cell,
    Paragraph,
    Pictures,
    Section,
    Table,
    code,
    sentence,
)
from churnlab.reporting.picture import Picture
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import (
    compact,
    metric_title,
    model_title,
    number,
)

CALIBRATIONS = {"platt": "Platt scaling", "isotonic": "isotonic regression", "none": "nothing"}


def models_section(results: StudyResults, pictures: Mapping[str, Picture]) -> Section:
    """Return how each family was tuned and trained, and how they are blended."""
    tune = results.params.tune
    opening = sentence(
        "Each family was searched with Optuna for {} over {} folds of the training part, other "
        "folds than those that judge. Features: the variant “{}”.",
        metric_title(tune.objective).lower(),
        tune.folds,
        results.params.variant(results.study),
    )
    training = [pictures[f"training_{family}"] for family in results.families]
    blocks: list[Block] = [Paragraph(opening), Pictures(training)]
    for family in results.families:
        inside: list[Table | Pictures] = [
            Pictures([pictures[f"search_{family}"]]),
            parameters_table(results, family),
        ]
        blocks.append(Aside(f"{model_title(family)}: search and parameters", inside))
    if "blend" in results.models:
        blocks += [blend_table(results), Paragraph(_calibrated(results))]
    return Section("models", "Models", blocks)


def parameters_table(results: StudyResults, family: str) -> Table:
    """Return the parameters that the search chose, with how much each mattered."""
    importance = results.search_importance(family)
    rows = [
        [
            code(name),
            compact(value) if isinstance(value, float) else str(value),
            f"{number(100 * importance[name], 0)} %" if name in importance else "fixed",
        ]
        for name, value in results.best_params(family).items()
    ]
    head = ["parameter", "chosen", "importance in the search"]
    return Table(f"{model_title(family)}, tuned", head, rows)


def blend_table(results: StudyResults) -> Table:
    """Return the weights of the blend."""
    weights = results.blend()["weights"]
    rows: list[list[Cell | str]] = [
        [model_title(name), number(weights[name])]
        for name in sorted(weights, key=lambda n: -weights[n])
    ]
    return Table("Weights of the blend", ["family", "weight"], rows)


def _calibrated(results: StudyResults) -> str:
    card = results.blend()
    method = CALIBRATIONS.get(card["calibration"], card["calibration"])
    return (
        "Weights and calibration come from out-of-fold predictions alone; the blend is then "
        f"calibrated by {method}."
    )


def explanation_section(pictures: Mapping[str, Picture]) -> Section:
    """Return what models look at."""
    shown = [pictures[name] for name in pictures if name.startswith("importance_")]
    words = (
        "Permutation and Shapley values are of the champion and count inputs; the models' "
        "own importance counts the features derived from them. All say what the model uses, not "
        "what causes churn."
    )
    return Section("importance", "What it looks at", (Paragraph(words), Pictures(shown)))
