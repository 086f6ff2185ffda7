"""protocols: the ledger of honest and flawed ways to judge the same model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnlab.data.design import Design, read_design
from churnlab.data.schema import read_table
from churnlab.data.time_protocols import time_protocols
from churnlab.evaluation.cross_validation import fold_metrics, summarise_folds
from churnlab.evaluation.metrics import all_metrics, best_f1_threshold
from churnlab.models.family import load_family
from churnlab.models.out_of_fold import out_of_fold
from churnlab.models.protocols import PROTOCOLS, Protocol, protocol_predictions
from churnlab.serialization import write_json
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import baseline_recipe

MOST_ROWS = 20_000
MOST_LEVELS = 50


def run(context: StudyContext) -> None:
    """Write protocols.json: `{protocol: {title, flawed, metrics}}`.

    Of a large table a stratified sample is judged, and `rows` says how large: SMOTE-ENN looks for
    neighbours of every row, which takes far more than twice the time for twice the rows. The rows
    of event studies are cut in other ways: by seller, by date, or by neither.
    """
    if design := read_design(context.paths.design):
        write_json(context.paths.metrics("protocols"), _time_ledger(context, design), digits=4)
        return
    whole = context.train()
    train = _sampled(whole, context.params.seed)
    recipe = baseline_recipe(context, context.params.protocols.model, train)
    X = recipe.build()[:1].fit_transform(train).astype(np.float64)
    leaks = _leaking_columns(context, train)
    ledger = {
        protocol.name: {
            "flawed": protocol.flawed,
            "metrics": _judge(context, protocol, X, leaks, train["y"].to_numpy()),
            "title": protocol.title,
        }
        for protocol in PROTOCOLS
        if leaks.shape[1] or not protocol.leaks_kept
    }
    content: dict[str, object] = {"model": load_family(recipe.family).title, "protocols": ledger}
    if len(train) < len(whole):
        content["rows"] = len(train)
    write_json(context.paths.metrics("protocols"), content, digits=4)


def _time_ledger(context: StudyContext, design: Design) -> dict[str, object]:
    train, test = context.train(), context.test()
    rows = pd.concat([train, test], ignore_index=True)
    recipe = baseline_recipe(context, context.params.protocols.model, train)
    ledger = {}
    for protocol in time_protocols(
        train, test, design, context.params.protocols.folds, context.params.seed
    ):
        predictions = out_of_fold(
            [recipe], rows, rows["y"].to_numpy(), protocol.folds, context.params.threads
        )
        horizon = None if protocol.flawed else design.horizon_days
        ledger[protocol.name] = {
            "flawed": protocol.flawed,
            "metrics": summarise_folds(fold_metrics(predictions, horizon))[recipe.name],
            "title": protocol.title,
        }
    return {"model": load_family(recipe.family).title, "protocols": ledger}


def _sampled(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    if len(train) <= MOST_ROWS:
        return train
    share = MOST_ROWS / len(train)
    return train.groupby("y").sample(frac=share, random_state=seed).sort_index(ignore_index=True)


def _judge(
    context: StudyContext, protocol: Protocol, X: np.ndarray, leaks: np.ndarray, y: np.ndarray
) -> dict[str, float]:
    settings = context.params.protocols
    family = load_family(settings.model)
    predictions = protocol_predictions(
        protocol,
        X,
        leaks,
        y,
        build=lambda seed: family.baseline(seed, 1),
        folds=settings.folds,
        repeats=settings.repeats,
        seed=context.params.seed,
        threads=context.params.threads,
    )
    if not protocol.threshold_on_test:
        return summarise_folds(fold_metrics(predictions))[protocol.name]
    folds = [
        all_metrics(y, p, best_f1_threshold(y, p))
        for y, p in (
            (part["y"].to_numpy(), part["p"].to_numpy())
            for _, part in predictions.groupby(["repeat", "fold"])
        )
    ]
    return {str(name): float(mean) for name, mean in pd.DataFrame(folds).mean().items()}


def _leaking_columns(context: StudyContext, train: pd.DataFrame) -> np.ndarray:
    """Return the published columns with the role `leak`, one-hot, for the rows of `train`."""
    names = context.catalog.with_role("leak")
    if not names:
        return np.empty((len(train), 0))
    published = read_table(context.paths.raw(context.catalog.source.file), context.catalog)
    if context.catalog.id is not None:
        published = published.set_index(context.catalog.id)
    leaks = published.loc[train["id"], names].apply(_encodable)
    encoded = pd.get_dummies(leaks, drop_first=True, dtype=float)
    return np.asarray(encoded.to_numpy(), dtype=np.float64)


def _encodable(values: pd.Series) -> pd.Series:
    """Return numbers without gaps and texts with at most 50 levels, the rest taken together."""
    if pd.api.types.is_numeric_dtype(values):
        return values.fillna(values.min() - 1.0)
    counts = values.value_counts()
    if len(counts) <= MOST_LEVELS:
        return values
    return values.where(values.isin(counts.index[:MOST_LEVELS]), "other")
