"""cross_validate: repeated out-of-fold predictions of one family, and its learning curve."""

from __future__ import annotations

from collections.abc import Sequence

from churnlab.data.design import read_design
from churnlab.data.splits import Fold
from churnlab.models.learning import learning_predictions
from churnlab.models.out_of_fold import out_of_fold
from churnlab.serialization import write_parquet
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import baseline_recipe, cross_validation_folds, tuned_recipe


def run(context: StudyContext, model: str) -> None:
    """Write predictions of baseline and tuned, and of the tuned one on growing shares of rows."""
    train = context.train()
    labels = train["y"].to_numpy()
    folds = cross_validation_folds(context, train)
    recipes = [baseline_recipe(context, model, train), tuned_recipe(context, model, train)]
    predictions = out_of_fold(recipes, train, labels, folds, context.params.threads)
    write_parquet(context.paths.predictions(model, "cv"), predictions)
    learning = learning_predictions(
        recipes[1],
        train,
        labels,
        learning_folds(context, folds),
        context.params.errors.learning_fractions,
        context.params.threads,
    )
    write_parquet(context.paths.predictions(model, "learning"), learning)


def learning_folds(context: StudyContext, folds: Sequence[Fold]) -> Sequence[Fold]:
    """Return the folds whose rows grow; of folds in order of time the latest, which have most."""
    number = context.params.errors.learning_folds
    return folds[-number:] if read_design(context.paths.design) else folds[:number]
