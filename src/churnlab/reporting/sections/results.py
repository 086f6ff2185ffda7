"""The sections on results: every model by every metric, curves, published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from churnlab.reporting.blocks import Aside, Block, Cell, Paragraph, Pictures, Section, Table
from churnlab.reporting.picture import Picture
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import (
    LOWER_IS_BETTER,
    METRIC_TITLES,
    interval_text,
    main_metrics,
    metric_text,
    metric_title,
    model_title,
)

PARTS = {"test": "Test part", "cv": "Cross-validation on the training part"}


def results_section(results: StudyResults, pictures: Mapping[str, Picture]) -> Section:
    """Return the tables of models by metrics, and the results that others published."""
    primary = results.metrics("comparison")["primary"]
    main = main_metrics(primary)
    rest = [name for name in METRIC_TITLES if name not in main]
    blocks: list[Block] = [
        *(metrics_table(results, part, main) for part in PARTS),
        Pictures([pictures["forest"]]),
    ]
    if results.catalog.published_results:
        blocks += [
            _published(results),
            Paragraph(
                "Published figures are as their authors state them; their protocol is in the name. "
                "Compare with the row of the same kind."
            ),
        ]
    more = [metrics_table(results, part, rest) for part in PARTS]
    blocks.append(Aside("The other metrics", more))
    return Section("results", "Results", blocks)


def metrics_table(results: StudyResults, part: str, metrics: Sequence[str]) -> Table:
    """Return models by metrics with intervals on one part: `test` or `cv`."""
    values = results.metrics("intervals")[part]
    models = results.models
    best = {name: _best(name, values, models) for name in metrics}
    rows: list[list[Cell | str]] = [
        [
            model_title(model),
            *(_cell(name, values[model][name], model in best[name]) for name in metrics),
        ]
        for model in models
    ]
    confidence = f"{100 * results.params.evaluate.confidence:g} %"
    return Table(
        f"{PARTS[part]}, with {confidence} intervals",
        ["model", *map(_heading, metrics)],
        rows,
        marked=models.index(results.champion),
    )


def _heading(metric: str) -> str:
    return f"{metric_title(metric)} {'↓' if metric in LOWER_IS_BETTER else '↑'}"


def _best(metric: str, values: Mapping[str, Any], models: Sequence[str]) -> list[str]:
    found = {model: values[model][metric]["estimate"] for model in models}
    top = (min if metric in LOWER_IS_BETTER else max)(found.values())
    return [model for model, value in found.items() if value == top]


def _cell(metric: str, value: Mapping[str, float], strong: bool) -> Cell:
    return Cell(metric_text(metric, value["estimate"]), interval_text(metric, value), strong)


def _published(results: StudyResults) -> Table:
    published = results.catalog.published_results
    stated = {name for result in published for name in result.metrics}
    metrics = [name for name in METRIC_TITLES if name in stated]
    champion = results.champion
    own = {part: results.metrics(part)[champion] for part in PARTS}
    names = {"test": "test part", "cv": "cross-validation"}
    rows: list[list[Cell | str]] = [
        [
            f"{model_title(champion)} (here), {names[part]}",
            *(Cell(metric_text(m, own[part][m]), strong=True) for m in metrics),
        ]
        for part in PARTS
    ]
    rows += [
        [result.name, *(metric_text(m, result.metrics.get(m)) for m in metrics)]
        for result in published
    ]
    return Table("Beside published results", ["result", *map(_heading, metrics)], rows)


def curves_section(results: StudyResults, pictures: Mapping[str, Picture]) -> Section:
    """Return the curves on the test part and what the thresholds decide."""
    shown = [pictures[name] for name in ("roc", "precision_recall", "gain", "lift")]
    decided = [pictures[name] for name in ("calibration", "threshold", "profit", "confusion")]
    words = (
        "Each model's threshold is the one with the highest F1 on its out-of-fold predictions of "
        "the training part; the test part had no say in it."
    )
    return Section(
        "curves",
        "Ranking, calibration, decisions",
        (Pictures(shown), Paragraph(words), Pictures(decided)),
    )
