"""The section on mistakes: slices, over-fit, disagreement, label noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from churnlab.reporting.blocks import (
    Aside,
    Block,
    Paragraph,
    Pictures,
    Section,
    Table,
    bold,
    sentence,
)
from churnlab.reporting.picture import Picture
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import (
    column_title,
    compact,
    condition_title,
    count,
    metric_text,
    metric_title,
    model_title,
    number,
    p_value,
    percent,
    signed,
)


def errors_section(results: StudyResults, pictures: Mapping[str, Picture]) -> Section:
    """Return where the champion errs, how far models over-fit, and what the labels look like."""
    errors = results.metrics("errors")
    noise = errors["label_noise"]
    suspects = sentence(
        "{} of {} training rows ({}) have a label that the champion's out-of-fold "
        "probabilities contradict (confident learning; Northcutt et al., 2021). They are left as "
        "they are.",
        bold(count(noise["suspects"])),
        count(noise["rows"]),
        percent(noise["suspects"] / noise["rows"]),
    )
    blocks: list[Block] = [
        Pictures([pictures["overfit"], pictures["learning"]]),
        Paragraph(_slices_in_words(errors["slices"])),
        slices_table(results),
        Paragraph(suspects),
        Aside("How differently models decide", [disagreement_table(results)]),
    ]
    return Section("errors", "Where it errs", blocks)


def _slices_in_words(slices: list[dict[str, Any]]) -> str:
    sure = sum(found["adjusted_p_value"] < 0.05 for found in slices)
    opening = (
        "Groups of rows on which the champion's out-of-fold log loss is highest against all "
        "others. "
    )
    if not sure:
        return opening + (
            "None is significantly worse once all slices tried are counted "
            "(Benjamini-Hochberg): read them as where to look, not as faults."
        )
    return opening + (
        f"{sure} of them {'is' if sure == 1 else 'are'} significantly worse even when all slices "
        "tried are counted (Benjamini-Hochberg). Where the loss is near the expected one, the "
        "slice is hard and the model knows it; where it is far above, the model is wrong about it."
    )


def slices_table(results: StudyResults) -> Table:
    """Return the slices with the highest log loss."""
    columns = results.catalog.columns
    rows = [
        [
            condition_title(found["slice"], columns),
            count(found["rows"]),
            percent(found["churn_rate"]),
            percent(found["mean_p"]),
            percent(found["error_rate"]),
            number(found["log_loss"]),
            number(found["expected_log_loss"]),
            number(found["rest_log_loss"]),
            p_value(found["adjusted_p_value"]),
        ]
        for found in results.metrics("errors")["slices"]
    ]
    head = [
        "rows with",
        "rows",
        "churned",
        "predicted",
        "wrong decisions",
        "log loss",
        "expected",
        "all others",
        "p (adjusted)",
    ]
    return Table("Worst slices, out of fold", head, rows)


def mistakes_table(results: StudyResults, count_shown: int) -> Table:
    """Return rows on which the champion was sure and wrong, out of fold, without their ids.

    It is for the eyes of who may see the rows; the page leaves it out.
    """
    found = results.confident_mistakes().head(count_shown)
    inputs = [name for name in found if name not in ("y", "p", "log_loss")]
    rows = [
        [
            "churned" if row["y"] else "stayed",
            number(row["p"]),
            *(compact(row[n]) if isinstance(row[n], int | float) else str(row[n]) for n in inputs),
        ]
        for row in found.to_dict(orient="records")
    ]
    head = ["what happened", "predicted", *(column_title(str(name)) for name in inputs)]
    return Table("Sure and wrong, out of fold", head, rows)


def overfit_table(results: StudyResults, metric: str) -> Table:
    """Return one metric of every model on the rows fitted on, out of fold and on the test part."""
    found = {r["model"]: r for r in results.metrics("errors")["overfit"] if r["metric"] == metric}
    rows = [
        [
            model_title(model),
            *(metric_text(metric, found[model][part]) for part in ("train", "cv", "test")),
            signed(found[model]["train_minus_cv"]),
            signed(found[model]["cv_minus_test"]),
        ]
        for model in results.models
    ]
    head = [
        "model",
        "rows fitted on",
        "out of fold",
        "test",
        "fitted less held out",
        "CV less test",
    ]
    return Table(metric_title(metric), head, rows)


def disagreement_table(results: StudyResults) -> Table:
    """Return how differently each pair of tuned models decides."""
    tuned = {*results.families, "blend"}
    rows = [
        [
            f"{model_title(found['model_a'])} and {model_title(found['model_b'])}",
            percent(found["disagreement"], 2),
            percent(found["both_wrong"], 2),
            number(found["correlation"]),
        ]
        for found in results.metrics("errors")["disagreement"]
        if {found["model_a"], found["model_b"]} <= tuned
    ]
    head = ["tuned models", "decide differently", "both wrong", "correlation of probabilities"]
    return Table("Disagreement, out of fold", head, rows)
