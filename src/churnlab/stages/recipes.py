"""The recipes of a study's models, from its parameters and catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml

from churnlab.data.design import read_design
from churnlab.data.splits import Fold, repeated_stratified_folds
from churnlab.models.recipe import Recipe, TableSchema
from churnlab.models.tuning import SearchResult, SearchSettings, search
from churnlab.stages.context import StudyContext


def table_schema(context: StudyContext, prepared: pd.DataFrame) -> TableSchema:
    """Return the input columns that preparation kept."""
    categorical = context.catalog.categorical_inputs
    return TableSchema(
        study=context.study,
        numeric=tuple(name for name in context.catalog.numeric_inputs if name in prepared),
        categorical={name: levels for name, levels in categorical.items() if name in prepared},
        reduced=tuple(context.catalog.reduced_columns),
        codes=tuple(name for name in context.catalog.code_inputs if name in prepared),
        filled=tuple(name for name in context.catalog.filled_inputs if name in prepared),
    )


def baseline_recipe(context: StudyContext, model: str, prepared: pd.DataFrame) -> Recipe:
    """Return the library's defaults on all prepared columns."""
    schema = table_schema(context, prepared)
    return Recipe(f"{model}_baseline", model, "all", schema, context.params.seed)


def tuned_recipe(
    context: StudyContext,
    model: str,
    prepared: pd.DataFrame,
    parameters: Mapping[str, Any] | None = None,
) -> Recipe:
    """Return the tuned model; `parameters` default to what the `tune` stage chose."""
    if parameters is None:
        parameters = yaml.safe_load(context.paths.best_params(model).read_text())
    variant = context.params.variant(context.study)
    schema = table_schema(context, prepared)
    return Recipe(model, model, variant, schema, context.params.seed, parameters)


def cross_validation_folds(context: StudyContext, rows: pd.DataFrame) -> list[Fold]:
    """Return the folds of prepared rows on which models are judged."""
    settings, seed = context.params.cross_validate, context.params.seed
    if design := read_design(context.paths.design):
        return design.judging_folds(rows, settings.repeats, seed)
    return repeated_stratified_folds(rows["y"].to_numpy(), settings.folds, settings.repeats, seed)


def tuning_folds(context: StudyContext, rows: pd.DataFrame) -> list[Fold]:
    """Return the folds of the parameter search, other ones than those that judge."""
    seed = context.params.seed + 1
    if design := read_design(context.paths.design):
        return design.tuning_folds(rows, seed)
    return repeated_stratified_folds(rows["y"].to_numpy(), context.params.tune.folds, 1, seed)


def search_recipe(context: StudyContext, model: str, rows: pd.DataFrame) -> SearchResult:
    """Search the parameters of one family on `rows`, as `tune` in params.yaml says."""
    tune = context.params.tune
    return search(
        recipe=tuned_recipe(context, model, rows, parameters={}),
        space=tune.space[model],
        rows=rows,
        labels=rows["y"].to_numpy(),
        folds=tuning_folds(context, rows),
        settings=SearchSettings(
            tune.objective, tune.trials[model], tune.startup_trials, tune.batch
        ),
        threads=context.params.threads,
    )
