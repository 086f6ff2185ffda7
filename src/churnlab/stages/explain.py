"""explain: what the champion looks at, in all; why it scores a customer so is said by `score`."""

from __future__ import annotations

from churnlab.champions.explanation import (
    impurity_importance,
    permutation_importance,
)
from churnlab.serialization import read_parquet, write_json
from churnlab.stages.champions import load_tuned, refit_champion
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import cross_validation_folds


def run(context: StudyContext) -> None:
    """Write importance.json."""
    settings, seed = context.params.explain, context.params.seed
    train = context.train()
    labels = train["y"].to_numpy()
    _, _, fitted, held_out = cross_validation_folds(context, train)[0]
    # Shuffling a column means something only on rows that the model has not seen.
    judge = refit_champion(context, train.iloc[fitted], labels[fitted])
    contributions = read_parquet(context.paths.contributions)
    drawn = contributions[contributions["sampled"]].drop(columns=["id", "sampled"])
    importance = {
        "impurity": impurity_importance(load_tuned(context)),
        "permutation": permutation_importance(
            judge.predict,
            train.iloc[held_out],
            labels[held_out],
            list(drawn.columns),
            settings.permutation_repeats,
            seed,
        ),
        "shap": drawn.abs().mean().to_dict(),
    }
    write_json(context.paths.metrics("importance"), importance, digits=5)
