"""The protocol ledger: how much each common flaw inflates each metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

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
    opening = sentence(
        "One model ({}, library defaults) on the same rows, judged honestly and as many "
        "published results are. The small figures are the difference from the honest one.",
        results.metrics("protocols")["model"],
    )
    blocks: list[Block] = [
        Paragraph(opening),
        protocols_table(results),
        Pictures([pictures["protocols"]]),
        *(Paragraph(words) for words in _explained(results.protocols())),
    ]
    return Section("protocols", "What flawed protocols report", blocks)


def protocols_table(results: StudyResults) -> Table:
    """Return protocols by metrics, each with its difference from the honest protocol."""
    ledger = results.protocols()
    first = next(iter(ledger))
    honest = ledger[first]["metrics"]
    rows = [
        [
            Cell(ledger[name]["title"], "flawed" if ledger[name]["flawed"] else "sound"),
            *(_cell(ledger[name], honest, metric, name == first) for metric in METRICS),
        ]
        for name in ledger
    ]
    return Table("Protocol ledger", ["protocol", *map(metric_title, METRICS)], rows, marked=0)


def _cell(entry: Mapping[str, Any], honest: Mapping[str, float], metric: str, own: bool) -> Cell:
    value = entry["metrics"][metric]
    gain = value - honest[metric]
    flattered = -gain if metric in LOWER_IS_BETTER else gain
    inflated = entry["flawed"] and flattered >= NOTICEABLE
    note = "" if own else signed(gain)
    return Cell(metric_text(metric, value), note, tone="bad" if inflated else "")


def _explained(ledger: Mapping[str, Any]) -> list[Markup]:
    """Return what the flaws explain, judged by F1, which published results mostly state."""
    honest = next(iter(ledger.values()))["metrics"]["f1"]
    f1 = {name: ledger[name]["metrics"]["f1"] for name in ledger}
    flawed = [name for name in f1 if ledger[name]["flawed"]]
    inflated = [name for name in flawed if f1[name] - honest >= NOTICEABLE]
    words = []
    if inflated:
        reported = [sentence("“{}” {}", ledger[n]["title"], _bold_f1(f1[n])) for n in inflated]
        words.append(
            sentence(
                "Honest F1 is {}; flaws report {}. A published figure on this table that is so "
                "much higher may come from how it was judged rather than from a better model.",
                _bold_f1(honest),
                Markup(", ").join(reported),
            )
        )
    if harmless := [
        ledger[name]["title"] for name in flawed if abs(f1[name] - honest) < NOTICEABLE
    ]:
        titles = Markup(", ").join(sentence("“{}”", title) for title in harmless)
        words.append(
            sentence("Wrong in principle, but within {} of it here: {}.", NOTICEABLE, titles)
        )
    return words


def _bold_f1(value: float) -> Markup:
    return bold(metric_text("f1", value))
