"""score: customers ordered by risk, from the exported bundle."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from churnlab.champions.bundle import VERSION_DIGITS, BundledModel
from churnlab.champions.explanation import shapley_values
from churnlab.champions.reasons import reasons, typical_values
from churnlab.champions.risk_list import Scored, risk_list, summary
from churnlab.evaluation.local_rates import LocalRates
from churnlab.evaluation.profit import PAPER
from churnlab.serialization import read_parquet, write_csv, write_json, write_parquet
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import table_schema

# Six digits after the point for probabilities, cents of large values.
AMOUNTS = "%.10g"


def run(context: StudyContext) -> None:
    """Write the list, the contributions behind its reasons, and its totals."""
    settings = context.params.score
    rows = population(context)
    model = BundledModel.load(context.paths.bundle_dir)
    document = model.document("rates")
    rates = LocalRates(*(np.array(document[name]) for name in ("p", "low", "high")))
    scored = Scored(
        rows["entity" if "entity" in rows else "id"].to_numpy(),
        str(rows["time"].iloc[0]) if "time" in rows else "",
        model.predict(rows),
        values(context, rows),
    )
    listed = risk_list(scored, rates, settings.groups, versions(context, model))
    contributions = contributions_of(context, model, rows, listed)
    first = contributions.index.intersection(listed.index[: settings.explained], sort=False)
    train = context.train()
    said = reasons(
        contributions.loc[first].drop(columns=["id", "sampled"]),
        rows.loc[first],
        settings.reasons,
        context.catalog,
        typical_values(train[train["y"] == 0], context.catalog),
    )
    write_csv(context.paths.risk_list, listed.join(said), float_format=AMOUNTS)
    write_parquet(context.paths.contributions, contributions)
    write_json(context.paths.metrics("score"), summary(listed, settings.groups))


def population(context: StudyContext) -> pd.DataFrame:
    """Return the customers to score: those of the latest date, or else the test part."""
    path = context.paths.population
    return read_parquet(path) if path.is_file() else context.test().drop(columns="y")


def values(context: StudyContext, rows: pd.DataFrame) -> np.ndarray:
    """Return what each customer is worth, shape (rows,), as the catalog's costs say."""
    if "value" in rows:
        return rows["value"].to_numpy(dtype=np.float64)
    costs = context.declared.costs
    worth = costs.customer_lifetime_value if costs else PAPER.clv
    return np.full(len(rows), worth)


def contributions_of(
    context: StudyContext, model: BundledModel, rows: pd.DataFrame, listed: pd.DataFrame
) -> pd.DataFrame:
    """Return `id`, `sampled`, and Shapley values of the first customers and of a drawn sample."""
    seed = context.params.seed
    sample = rows.sample(min(context.params.explain.rows, len(rows)), random_state=seed).index
    chosen = listed.index[: context.params.score.explained].union(sample)
    train, asked = context.train(), rows.loc[chosen]
    schema = table_schema(context, train)
    found = shapley_values(model.log_odds, asked, train, schema, seed, context.params.threads)
    found.insert(0, "id", asked["id"])
    found.insert(1, "sampled", chosen.isin(sample))
    return found


def versions(context: StudyContext, model: BundledModel) -> dict[str, str]:
    """Return which model made the list, what its inputs mean, and which rows were scored."""
    features, rows = context.paths.chosen_features, context.paths.population
    if not features.is_file():
        features, rows = context.paths.catalog, context.paths.prepared_test
    return {
        "model": model.document("card")["champion"],
        "model_version": model.version,
        "features_version": _version(features),
        "data_version": _version(rows),
    }


def _version(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:VERSION_DIGITS]
