"""errors: where, how and for whom the champion is wrong."""

from __future__ import annotations

import json

import pandas as pd

from churnlab.data.preparation import input_columns
from churnlab.evaluation.cross_validation import out_of_fold_mean, thresholds
from churnlab.evaluation.errors import (
    confident_mistakes,
    disagreement,
    label_noise_suspects,
    overfit_table,
)
from churnlab.evaluation.fairness import group_table, parity
from churnlab.evaluation.learning import learning_points
from churnlab.evaluation.metrics import all_metrics
from churnlab.evaluation.slices import worst_slices
from churnlab.serialization import write_csv, write_json
from churnlab.stages.context import StudyContext

CONFIDENT_MISTAKES = 50


def run(context: StudyContext) -> None:
    """Write errors.json, fairness.json, learning curves, and the customers behind the mistakes."""
    held_out = context.out_of_fold_predictions()
    chosen = thresholds(held_out)
    mean = out_of_fold_mean(held_out)
    champion = json.loads(context.paths.metrics("comparison").read_text())["champion"]
    own = mean[mean["model"] == champion].reset_index(drop=True)
    rows = context.train().set_index("id").loc[own["id"]].reset_index()
    inputs = rows[input_columns(rows)]
    settings = context.params.errors
    suspects = label_noise_suspects(own)
    content = {
        "champion": champion,
        "disagreement": _records(disagreement(mean, chosen)),
        "label_noise": {"rows": len(own), "suspects": len(suspects)},
        "overfit": _records(_overfit(context, chosen)),
        "slices": _records(
            worst_slices(
                inputs,
                own["y"].to_numpy(),
                own["p"].to_numpy(),
                chosen[champion],
                min_rows=settings.slice_min_rows,
                count=settings.slices,
            )
        ),
    }
    write_json(context.paths.metrics("errors"), content, digits=4)
    write_json(context.paths.metrics("fairness"), _fairness(context, inputs, own, chosen[champion]))
    write_csv(context.paths.curve("learning"), learning_points(context.learning_predictions()))
    # Rows of single customers stay out of Git.
    write_csv(
        context.paths.error_rows("confident_mistakes"),
        confident_mistakes(own, rows.drop(columns="y"), CONFIDENT_MISTAKES),
    )
    write_csv(context.paths.error_rows("label_noise_suspects"), suspects)


def _overfit(context: StudyContext, chosen: dict[str, float]) -> pd.DataFrame:
    fitted = {
        str(model): all_metrics(part["y"].to_numpy(), part["p"].to_numpy(), chosen[str(model)])
        for model, part in context.train_predictions().groupby("model")
    }
    cv, test = (json.loads(context.paths.metrics(name).read_text()) for name in ("cv", "test"))
    return overfit_table(fitted, cv, test)


def _fairness(
    context: StudyContext, inputs: pd.DataFrame, own: pd.DataFrame, threshold: float
) -> dict[str, object]:
    """Return, per declared column, the table of its groups and the parity differences."""
    declared = context.catalog.fairness
    if declared is None:
        return {}
    content: dict[str, object] = {}
    for column in declared.columns:
        groups = inputs[column].astype(str)
        if column in declared.bins:
            groups = pd.cut(inputs[column], list(declared.bins[column]), right=False).astype(str)
        judged = (groups, own["y"].to_numpy(), own["p"].to_numpy(), threshold)
        content[column] = {"groups": _records(group_table(*judged)), "parity": parity(*judged)}
    return content


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict(orient="records")]
