"""tune: search parameters of one model family."""

from __future__ import annotations

from churnlab.serialization import write_csv, write_json, write_yaml
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import search_recipe


def run(context: StudyContext, model: str) -> None:
    """Write the best parameters, the table of trials and the importance of parameters."""
    train = context.train()
    result = search_recipe(context, model, train)
    write_yaml(context.paths.best_params(model), result.parameters)
    write_csv(context.paths.trials(model), result.trials)
    write_json(context.paths.search_importance(model), result.importance)
