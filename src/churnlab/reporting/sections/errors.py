"""The sections on mistakes: slices, over-fit, disagreement, label noise, fairness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from churnlab.reporting.blocks import (
    Aside,
    Block,
    Cell,
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
    DASH,
    column_title,
    condition_title,
    count,
    model_title,
    number,
    p_value,
    percent,
    signed,
)

FAIRNESS = {
    "base_rate": "churn rate",
    "selection_rate": "flagged",
    "tpr": "churners found",
    "fpr": "stayers flagged",
    "precision": "flagged who churn",
}


def errors_section(results: StudyResults, pictures: Mapping[str, Picture]) -> Section:
    """Return where the champion errs, how far models over-fit, and what the labels look like."""
    errors = results.metrics("errors")
    noise = errors["label_noise"]
    suspects = sentence(
        "{} of {} training customers ({}) have a label that the champion's out-of-fold "
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
        "Groups of customers on which the champion's out-of-fold log loss is highest against all "
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
        "customers with",
        "customers",
        "churned",
        "predicted",
        "wrong decisions",
        "log loss",
        "expected",
        "all others",
        "p (adjusted)",
    ]
    return Table("Worst slices, out of fold", head, rows)


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


def fairness_section(results: StudyResults) -> Section:
    """Return the groups that the catalog declares, side by side."""
    found = results.metrics("fairness")
    if not found:
        words = "The catalog of this study declares no groups to compare."
        return Section("fairness", "Fairness", (Paragraph(words),))
    opening = Paragraph(
        "The champion's out-of-fold decisions by group, with Wilson intervals. Groups whose churn "
        "rates differ are flagged at different rates by any good model; what deserves a look is a "
        "gap in churners found, in stayers flagged, or in calibration."
    )
    return Section("fairness", "Fairness", (opening, *_groups(found)))


def _groups(found: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    for column, judged in found.items():
        parity = judged["parity"]
        caption = sentence(
            "{}: largest gap in the share flagged {}, in churners found or stayers flagged {}",
            column_title(column),
            number(parity["demographic_parity_difference"]),
            number(parity["equalized_odds_difference"]),
        )
        head = ["group", "customers", *FAIRNESS.values(), "ROC AUC", "predicted less observed"]
        blocks.append(Table(caption, head, [_group(group) for group in judged["groups"]]))
    return blocks


def _group(group: Mapping[str, Any]) -> list[Cell | str]:
    shares = [
        Cell(
            percent(group[name]),
            DASH.join(percent(group[f"{name}_{side}"]) for side in ("low", "high")),
        )
        for name in FAIRNESS
    ]
    auc = Cell(
        number(group["roc_auc"]),
        DASH.join(number(group[f"roc_auc_{side}"]) for side in ("low", "high")),
    )
    apart = group["calibration_low"] is not None and not (
        group["calibration_low"] <= 0 <= group["calibration_high"]
    )
    gap = Cell(
        signed(group["calibration"]),
        f"{signed(group['calibration_low'])} to {signed(group['calibration_high'])}",
        tone="bad" if apart else "",
    )
    return [group["group"], count(group["rows"]), *shares, auc, gap]
