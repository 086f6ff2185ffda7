"""references: models of an event study that the families have to beat."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from churnlab.config.event_params import Reference
from churnlab.config.validation import unknown_names
from churnlab.errors import ChurnlabError
from churnlab.models.out_of_fold import fit_and_predict, out_of_fold
from churnlab.models.recipe import Recipe
from churnlab.serialization import write_parquet
from churnlab.stages.context import REFERENCES, StudyContext
from churnlab.stages.recipes import cross_validation_folds, table_schema


def run(context: StudyContext) -> None:
    """Write the predictions of every reference: test part, training part, out of fold."""
    train, test = context.train(), context.test()
    labels = train["y"].to_numpy()
    declared = context.params.event_study(context.study).references
    recipes = [
        reference_recipe(context, name, reference, train) for name, reference in declared.items()
    ]
    for part, rows in (("test", test), ("train", train)):
        predictions = pd.concat(
            [
                rows[["id", "y"]].assign(
                    model=recipe.name, p=fit_and_predict(recipe, train, labels, rows)
                )
                for recipe in recipes
            ],
            ignore_index=True,
        )
        write_parquet(
            context.paths.predictions(REFERENCES, part),  # type: ignore[arg-type]
            predictions[["model", "id", "y", "p"]],
        )
    folds = cross_validation_folds(context, train)
    held_out = out_of_fold(recipes, train, labels, folds, context.params.threads)
    write_parquet(context.paths.predictions(REFERENCES, "cv"), held_out)


def reference_recipe(
    context: StudyContext, name: str, reference: Reference, prepared: pd.DataFrame
) -> Recipe:
    """Return the recipe of one reference.

    Raises:
        ChurnlabError: it names an input that the prepared rows lack.
    """
    schema = table_schema(context, prepared)
    where = f"events.{context.study}.references.{name}: inputs"
    if lines := unknown_names(where, "column", reference.inputs, schema.columns):
        raise ChurnlabError("\n".join(["params.yaml:", *lines]))
    variant = "reduced" if reference.inputs else "all"
    chosen = replace(schema, reduced=reference.inputs)
    seed = context.params.seed
    return Recipe(name, reference.family, variant, chosen, seed, reference.parameters)
