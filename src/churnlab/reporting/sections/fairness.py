"""The section on fairness: the champion's decisions by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from churnlab.reporting.blocks import Block, Cell, Paragraph, Section, Table, sentence
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import (
    DASH,
    column_title,
    count,
    group_title,
    number,
    percent,
    range_text,
    signed,
)

FAIRNESS = {
    "base_rate": "churn rate",
    "selection_rate": "flagged",
    "tpr": "churners found",
    "fpr": "stayers flagged",
    "precision": "flagged who churn",
}


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
            "{}: shares flagged are up to {} points apart, churners found or stayers flagged {}",
            column_title(column),
            number(100 * parity["demographic_parity_difference"], 1),
            number(100 * parity["equalized_odds_difference"], 1),
        )
        head = ["group", "rows", *FAIRNESS.values(), "ROC AUC", "predicted less observed"]
        blocks.append(Table(caption, head, [_group(group) for group in judged["groups"]]))
    return blocks


def _group(group: Mapping[str, Any]) -> list[Cell | str]:
    shares = [
        Cell(percent(group[name]), range_text(group[f"{name}_low"], group[f"{name}_high"]))
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
    return [group_title(group["group"]), count(group["rows"]), *shares, auc, gap]
