"""export: the champion as one portable bundle, and how far it is from the trained pipeline."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np

from churnlab.champions.bundle import (
    BundledModel,
    bundle_schema,
    reference_profile,
    write_bundle,
)
from churnlab.champions.onnx_conversion import to_onnx
from churnlab.evaluation.clusters import places
from churnlab.evaluation.local_rates import local_rates
from churnlab.serialization import write_json
from churnlab.stages.champions import load_champion
from churnlab.stages.context import StudyContext
from churnlab.stages.recipes import table_schema


def run(context: StudyContext) -> None:
    """Write the bundle and its parity with the pipeline on every row of the test part."""
    train, test = context.train(), context.test()
    schema = table_schema(context, train)
    champion = load_champion(context)
    model = to_onnx(champion.pipelines, champion.blend)
    write_bundle(
        context.paths.bundle_dir,
        model.SerializeToString(deterministic=True),
        {
            "card": _card(context, champion.name),
            "rates": _rates(context, champion.name),
            "reference": reference_profile(train, schema, champion.predict(train)),
            "schema": bundle_schema(schema, context.catalog),
        },
    )
    expected = champion.predict(test)
    exported = BundledModel.load(context.paths.bundle_dir).predict(test)
    parity = {
        "largest_difference": float(np.max(np.abs(exported - expected))),
        "rows": len(test),
    }
    write_json(context.paths.metrics("export"), parity, digits=9)


def _rates(context: StudyContext, champion: str) -> dict[str, object]:
    """Return the churn rates of customers scored alike, by their out-of-fold predictions."""
    held_out = context.out_of_fold_predictions()
    held_out = held_out[held_out["model"] == champion]
    rows = held_out.groupby("id", sort=True).agg(y=("y", "first"), p=("p", "mean"))
    place = places(rows.index.to_numpy())
    alike, confidence = context.params.score.alike, context.params.evaluate.confidence
    rates = local_rates(
        rows["y"].to_numpy(),
        rows["p"].to_numpy(),
        np.arange(len(rows)) if place is None else place.entity,
        alike,
        confidence,
    )
    return {"alike": alike, "confidence": confidence, **asdict(rates)}


def _card(context: StudyContext, champion: str) -> dict[str, object]:
    """Return what a user of the bundle must know: what it is, how good, from what, decided how."""
    comparison, test, cv, thresholds = (
        json.loads(context.paths.metrics(name).read_text())
        for name in ("comparison", "test", "cv", "thresholds")
    )
    families = [name for name in context.params.models if champion in (name, "blend")]
    return {
        "champion": champion,
        "data_sha256": context.catalog.source.sha256,
        "features": context.params.variant(context.study),
        "metrics": {"cv": cv[champion], "test": test[champion]},
        "parameters": {
            name: context.paths.best_params(name).read_text().splitlines() for name in families
        },
        "rule": comparison["rule"],
        "seed": context.params.seed,
        "study": context.study,
        "threshold": thresholds[champion],
        "threshold_reason": "highest F1 on the out-of-fold predictions of the training part",
    }
