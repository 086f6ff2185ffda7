"""Seeded hyper-parameter search with Optuna (Akiba et al. 2019): TPE with median pruning.

Trials are asked for in batches and told in order, and every fit is single-threaded, so that the
search gives the same result whatever the number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score
from tqdm import tqdm

from churnlab.data.splits import Fold
from churnlab.models.out_of_fold import fit_and_predict
from churnlab.models.recipe import Recipe
from churnlab.models.search_space import suggest

if TYPE_CHECKING:
    from optuna import Study, Trial

# Smaller is better for every objective, so that one direction serves them all.
OBJECTIVES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "log_loss": lambda y, p: float(log_loss(y, p)),
    "f1": lambda y, p: -float(f1_score(y, p >= 0.5)),
    "average_precision": lambda y, p: -float(average_precision_score(y, p)),
    "roc_auc": lambda y, p: -float(roc_auc_score(y, p)),
}
# Of a loss on one fold. What lies below differs between processors and says nothing of a parameter;
# the importance of parameters, computed by trees, would turn on it.
LOSS_DIGITS = 5


@dataclass(frozen=True)
class SearchSettings:
    """How long and by what measure to search; see `tune` in params.yaml."""

    objective: str
    trials: int
    startup_trials: int
    batch: int


@dataclass(frozen=True)
class SearchResult:
    """The best parameters, every trial, and the importance of each parameter."""

    parameters: dict[str, Any]
    trials: pd.DataFrame
    importance: dict[str, float]


def search(
    recipe: Recipe,
    space: Mapping[str, Any],
    rows: pd.DataFrame,
    labels: np.ndarray,
    folds: Sequence[Fold],
    settings: SearchSettings,
    threads: int,
) -> SearchResult:
    """Search `space` for the parameters with the best mean objective over `folds`."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(
            seed=recipe.seed,
            n_startup_trials=settings.startup_trials,
            multivariate=True,
            constant_liar=True,
        ),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=settings.startup_trials),
    )
    objective = OBJECTIVES[settings.objective]
    with (
        Parallel(n_jobs=threads) as parallel,
        tqdm(total=settings.trials, desc=f"tune {recipe.family}", disable=None) as progress,
    ):
        for first in range(0, settings.trials, settings.batch):
            size = min(settings.batch, settings.trials - first)
            trials = [study.ask() for _ in range(size)]
            recipes = [replace(recipe, parameters=suggest(trial, space)) for trial in trials]
            _run_batch(study, trials, recipes, rows, labels, folds, objective, parallel)
            progress.update(size)
    best = suggest(study.best_trial, space)  # type: ignore[arg-type]
    return SearchResult(best, _trial_table(study, settings.objective), _importance(study, recipe))


def _run_batch(
    study: Study,
    trials: Sequence[Trial],
    recipes: Sequence[Recipe],
    rows: pd.DataFrame,
    labels: np.ndarray,
    folds: Sequence[Fold],
    objective: Callable[[np.ndarray, np.ndarray], float],
    parallel: Parallel,
) -> None:
    """Evaluate trials side by side, fold by fold, dropping those that the pruner gives up."""
    import optuna

    losses: dict[int, list[float]] = {index: [] for index in range(len(trials))}
    alive = list(losses)
    for step, (_, _, fitted, held_out) in enumerate(folds):
        predictions = parallel(
            delayed(fit_and_predict)(
                recipes[index], rows.iloc[fitted], labels[fitted], rows.iloc[held_out]
            )
            for index in alive
        )
        for index, probabilities in zip(alive, predictions, strict=True):
            losses[index].append(round(objective(labels[held_out], probabilities), LOSS_DIGITS))
            trials[index].report(float(np.mean(losses[index])), step)
        last = step == len(folds) - 1
        alive = [index for index in alive if last or not trials[index].should_prune()]
    for index, trial in enumerate(trials):
        if index in alive:
            study.tell(trial, float(np.mean(losses[index])))
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)


def _trial_table(study: Study, objective: str) -> pd.DataFrame:
    """Return one row per trial, without anything that depends on the clock."""
    sign = 1.0 if objective == "log_loss" else -1.0
    return pd.DataFrame(
        [
            {
                "trial": trial.number,
                "state": trial.state.name.lower(),
                "folds": len(trial.intermediate_values),
                objective: sign * list(trial.intermediate_values.values())[-1],
                **trial.params,
            }
            for trial in study.trials
        ]
    )


def _importance(study: Study, recipe: Recipe) -> dict[str, float]:
    """Return the share of the objective's variance that each parameter explains (fANOVA)."""
    import optuna

    completed = [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]
    if len({trial.value for trial in completed}) < 2:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=recipe.seed)
    return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))
