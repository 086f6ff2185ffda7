"""A judged study without a trained model: real stages on invented predictions."""

import json
import shutil

import numpy as np
import pandas as pd
import yaml

from churnlab.config import load_params
from churnlab.data.splits import repeated_stratified_folds
from churnlab.paths import StudyPaths
from churnlab.serialization import write_csv, write_json, write_parquet, write_text, write_yaml
from churnlab.stages import compare, errors, evaluate, ingest, prepare
from churnlab.stages.context import StudyContext

STUDY = "telecom"
FAMILIES = ("rf", "xgb")
# How far the log-odds of churners and stayers lie apart.
SKILL = {"rf_baseline": 1.5, "rf": 3.0, "xgb_baseline": 1.0, "xgb": 2.0, "blend": 2.6}


def build(repository, root):
    """Write everything that the report reads below `root`."""
    shutil.copytree(repository / "data" / "catalog", root / "data" / "catalog")
    shutil.copytree(repository / "data" / "published", root / "data" / "published")
    params = yaml.safe_load((repository / "params.yaml").read_text())
    params["studies"] = params["table_studies"] = [STUDY]
    params["event_studies"], params["models"] = [], list(FAMILIES)
    params["store"]["studies"] = {STUDY: params["store"]["studies"][STUDY]}
    params["evaluate"]["bootstrap_samples"] = 100
    params["cross_validate"].update(folds=3, repeats=1)
    params["errors"].update(slices=3, slice_min_rows=200)
    write_yaml(root / "params.yaml", params)
    context = StudyContext.load(root, STUDY, load_params(root / "params.yaml"))
    ingest.run(context)
    prepare.run(context)
    invent_predictions(context)
    for stage in (evaluate, compare, errors):
        stage.run(context)
    write_searches(context)
    write_ledger_and_importance(context)
    return root


def invent_predictions(context):
    train, test = context.train(), context.test()
    folds = repeated_stratified_folds(train["y"].to_numpy(), 3, 1, 0)
    fold_of = np.zeros(len(train), dtype=int)
    for _, fold, _, held_out in folds:
        fold_of[held_out] = fold
    for family in (*FAMILIES, "blend"):
        models = [name for name in SKILL if name.removesuffix("_baseline") == family]
        held_out = pd.concat([invented(m, train).assign(repeat=0, fold=fold_of) for m in models])
        parts = {
            "cv": held_out[["model", "id", "repeat", "fold", "y", "p"]],
            "test": pd.concat([invented(m, test) for m in models]),
            "train": pd.concat([invented(m, train) for m in models]),
        }
        for part, rows in parts.items():
            path = context.paths.predictions(family, part)
            if family == "blend":
                path = context.paths.blend_predictions(part)
            write_parquet(path, rows)
        if family != "blend":
            points = [
                invented(family, train).assign(fraction=share, repeat=0, fold=fold_of)
                for share in (0.5, 1.0)
            ]
            write_parquet(context.paths.predictions(family, "learning"), pd.concat(points))


def invented(model, rows):
    y = rows["y"].to_numpy()
    noise = np.random.default_rng(sum(map(ord, model)) + len(y)).normal(size=len(y))
    p = 1 / (1 + np.exp(2 - SKILL[model] * y - noise))
    return pd.DataFrame({"model": model, "id": rows["id"], "y": y, "p": p})


def write_searches(context):
    objective = context.params.tune.objective
    for family in FAMILIES:
        write_yaml(context.paths.best_params(family), {"depth": 3, "rate": 0.0123456, "kind": "a"})
        write_json(context.paths.search_importance(family), {"depth": 0.75, "rate": 0.25})
        trials = {
            "trial": [0, 1, 2],
            "state": ["complete", "complete", "pruned"],
            "folds": [3, 3, 1],
            objective: [0.3, 0.2, 0.5],
            "depth": [2, 3, 4],
            "kind": ["none", "a", "a"],
        }
        write_csv(context.paths.trials(family), pd.DataFrame(trials))
        for name in ("train_log_loss", "validation_log_loss"):
            path = context.paths.curve_dir(family) / "plots" / "metrics" / f"{name}.tsv"
            write_text(path, f"step\t{name}\n1\t0.5\n2\t0.4\n")
    weights = {"rf": 0.7, "xgb": 0.3}
    card = {"calibration": "platt", "intercept": 0.0, "slope": 1.0, "knots": [], "weights": weights}
    write_json(context.paths.blend_card, card)


def write_ledger_and_importance(context):
    honest = json.loads(context.paths.metrics("cv").read_text())["rf_baseline"]
    inflated = {**honest, "f1": honest["f1"] + 0.2, "log_loss": honest["log_loss"] - 0.1}
    ledger = {
        "honest": {"flawed": False, "metrics": honest, "title": "inside the fold"},
        "leak": {"flawed": True, "metrics": inflated, "title": "leak kept"},
        "scaled": {"flawed": True, "metrics": honest, "title": "scaled before"},
    }
    write_json(context.paths.metrics("protocols"), {"model": "A Model", "protocols": ledger})
    importance = {
        "impurity": {"rf": {"total_bill": 0.8, "plan=yes": 0.2}},
        "permutation": {"total_day_minutes": {"mean": 0.2, "low": 0.1, "high": 0.3}},
        "shap": {"total_day_minutes": 1.5, "state": 0.1},
    }
    write_json(context.paths.metrics("importance"), importance)
    write_json(context.paths.metrics("export"), {"largest_difference": 2.5e-7, "rows": 1667})


def forget_rows(root):
    """Remove every file that holds single customers."""
    for folder in ("raw", "prepared", "predictions", "blends", "errors", "published"):
        shutil.rmtree(root / "data" / folder)
    assert not list(StudyPaths(root, STUDY).prepared_dir.glob("*"))
