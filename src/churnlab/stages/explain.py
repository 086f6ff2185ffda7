"""explain: what the champion looks at, in all and per customer."""

from __future__ import annotations

import pandas as pd

from churnlab.champions.explanation import (
    impurity_importance,
    permutation_importance,
    reasons,
    shapley_values,
)
from churnlab.serialization import write_json, write_parquet
from churnlab.stages.champions import load_champion, load_tuned, refit_champion
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import cross_validation_folds, table_schema


def run(context: StudyContext) -> None:
    """Write importance.json and the reasons of a sample of the test part (inputs only)."""
    settings, seed = context.params.explain, context.params.seed
    train, test = context.train(), context.test()
    labels = train["y"].to_numpy()
    schema = table_schema(context, train)
    champion = load_champion(context)
    _, _, fitted, held_out = cross_validation_folds(context, train)[0]
    # Shuffling a column means something only on rows that the model has not seen.
    judge = refit_champion(context, train.iloc[fitted], labels[fitted])
    sample = test.sample(min(settings.rows, len(test)), random_state=seed).sort_index()
    contributions = shapley_values(
        champion.log_odds, sample, train, schema, seed, context.params.threads
    )
    importance = {
        "impurity": impurity_importance(load_tuned(context)),
        "permutation": permutation_importance(
            judge.predict,
            train.iloc[held_out],
            labels[held_out],
            list(contributions.columns),
            settings.permutation_repeats,
            seed,
        ),
        "shap": contributions.abs().mean().to_dict(),
    }
    write_json(context.paths.metrics("importance"), importance, digits=5)
    scored = pd.DataFrame({"id": sample["id"], "p": champion.predict(sample)}, index=sample.index)
    explained = reasons(contributions.round(6), sample, settings.reasons)
    write_parquet(context.paths.reasons, pd.concat([scored, explained], axis=1))
