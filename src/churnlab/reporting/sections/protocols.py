"""The protocol ledger: how much each common flaw inflates each metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from churnlab.reporting.blocks import (
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
from churnlab.reporting.wording import LOWER_IS_BETTER, metric_text, metric_title, signed

METRICS = ("roc_auc", "average_precision", "log_loss", "f1", "precision", "recall", "accuracy")
NOTICEABLE = 0.01


def protocols_section(results: StudyResults, pictures: Mapping[str, Picture]) -> Section:
    """Return the ledger and what it explains."""
    content = results.metrics("protocols")
    ledger = content["protocols"]
    opening = sentence(
        "One model ({}, library defaults) on the same customers, judged honestly and as many "
        "published results are. The small figures are the difference from the honest one.",
        content["model"],
    )
    blocks: list[Block] = [
        Paragraph(opening),
        protocols_table(results),
        Pictures([pictures["protocols"]]),
        *(Paragraph(words) for words in _explained(ledger)),
    ]
    return Section("protocols", "What flawed protocols report", blocks)


def protocols_table(results: StudyResults) -> Table:
    """Return protocols by metrics, each with its difference from the honest protocol."""
    ledger = results.metrics("protocols")["protocols"]
    names = sorted(ledger, key=lambda name: (name != "honest", ledger[name]["flawed"]))
    honest = ledger["honest"]["metrics"]
    rows = [
        [
            Cell(ledger[name]["title"], "flawed" if ledger[name]["flawed"] else "sound"),
            *(_cell(ledger[name], honest, metric, name == "honest") for metric in METRICS),
        ]
        for name in names
    ]
    return Table("Protocol ledger", ["protocol", *map(metric_title, METRICS)], rows, marked=0)


def _cell(entry: Mapping[str, Any], honest: Mapping[str, float], metric: str, own: bool) -> Cell:
    value = entry["metrics"][metric]
    gain = value - honest[metric]
    flattered = -gain if metric in LOWER_IS_BETTER else gain
    tone = "bad" if entry["flawed"] and flattered >= NOTICEABLE else ""
    return Cell(metric_text(metric, value), "" if own else signed(gain), tone=tone)  # type: ignore[arg-type]


def _explained(ledger: Mapping[str, Any]) -> list[Any]:
    honest = ledger["honest"]["metrics"]["f1"]
    flawed = {name: entry for name, entry in ledger.items() if entry["flawed"]}
    gains = {name: entry["metrics"]["f1"] - honest for name, entry in flawed.items()}
    inflated = sorted((n for n in gains if gains[n] >= NOTICEABLE), key=lambda n: -gains[n])
    harmless = [name for name in gains if abs(gains[name]) < NOTICEABLE]
    words: list[Any] = []
    if inflated:
        worst = ledger[inflated[0]]
        words.append(
            sentence(
                "The most flattering flaw is “{}”: F1 {} instead of {}. A published figure that "
                "high on this table is explained by how it was judged, without any better model.",
                worst["title"],
                bold(metric_text("f1", worst["metrics"]["f1"])),
                bold(metric_text("f1", honest)),
            )
        )
    if harmless:
        titles = "; ".join(f"“{ledger[name]['title']}”" for name in harmless)
        words.append(
            f"Wrong in principle but within {NOTICEABLE:g} of the honest F1 here: {titles}."
        )
    return words
