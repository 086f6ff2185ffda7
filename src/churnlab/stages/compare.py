"""compare: paired tests between models and the choice of the champion."""

from __future__ import annotations

from churnlab.evaluation.comparison import ChampionRule, compare_models
from churnlab.evaluation.cross_validation import thresholds
from churnlab.serialization import write_json
from churnlab.stages.context import StudyContext


def run(context: StudyContext) -> None:
    """Write comparison.json: champion, the rule that chose it, and every pair with the best."""
    held_out = context.out_of_fold_predictions()
    references = context.reference_predictions("cv")
    settings = context.params.compare
    rule = ChampionRule(
        settings.primary,
        settings.alpha,
        settings.margin,
        simplicity=[*context.params.models, "blend"],
        references=[] if references is None else list(references["model"].unique()),
    )
    comparison = compare_models(
        held_out, context.test_predictions(), thresholds(held_out), rule, context.horizon_days()
    )
    write_json(context.paths.metrics("comparison"), comparison)
