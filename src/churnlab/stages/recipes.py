"""The recipes of a study's models, from its parameters and catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml

from churnlab.config.event_params import TimeFolds
from churnlab.data.preparation import PLACE, is_placed
from churnlab.data.splits import Fold, repeated_stratified_folds
from churnlab.data.time_folds import grouped_time_folds
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
    if is_placed(rows):
        folds = context.params.event_study(context.study).folds
        return _time_folds(context, rows, folds, seed, settings.repeats)
    return repeated_stratified_folds(
        rows["y"].to_numpy(), settings.folds, settings.repeats, context.params.seed
    )


def tuning_folds(context: StudyContext, rows: pd.DataFrame) -> list[Fold]:
    """Return the folds of the parameter search, other ones than those that judge."""
    folds, seed = context.params.tune.folds, context.params.seed + 1
    if is_placed(rows):
        return _time_folds(context, rows, context.params.event_study(context.study).tune_folds, seed)
    return repeated_stratified_folds(rows["y"].to_numpy(), folds, 1, seed)


def _time_folds(
    context: StudyContext, rows: pd.DataFrame, folds: TimeFolds, seed: int, repeats: int = 1
) -> list[Fold]:
    horizon = context.params.event_study(context.study).horizon_days
    place = (rows[column].to_numpy() for column in PLACE)
    return grouped_time_folds(*place, horizon, folds.blocks, folds.groups, seed, repeats)


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
