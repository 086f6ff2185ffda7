"""tune: search parameters of one model family."""

from __future__ import annotations

from churnlab.models.tuning import SearchSettings, search
from churnlab.serialization import write_csv, write_json, write_yaml
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import tuned_recipe, tuning_folds


def run(context: StudyContext, model: str) -> None:
    """Write the best parameters, the table of trials and the importance of parameters."""
    train = context.train()
    labels = train["y"].to_numpy()
    tune = context.params.tune
    result = search(
        recipe=tuned_recipe(context, model, train, parameters={}),
        space=tune.space[model],
        rows=train,
        labels=labels,
        folds=tuning_folds(context, labels),
        settings=SearchSettings(
            tune.objective, tune.trials[model], tune.startup_trials, tune.batch
        ),
        threads=context.params.threads,
    )
    write_yaml(context.paths.best_params(model), result.parameters)
    write_csv(context.paths.trials(model), result.trials)
    write_json(context.paths.search_importance(model), result.importance)
