"""The short table of a study for a terminal or a Markdown page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from churnlab.reporting.results import StudyResults
from churnlab.reporting.sections.champion import choice
from churnlab.reporting.wording import (
    LOWER_IS_BETTER,
    interval_text,
    main_metrics,
    metric_text,
    metric_title,
    model_title,
)

if TYPE_CHECKING:
    from rich.console import Group

PARTS: Mapping[str, str] = {"test": "Test part", "cv": "Cross-validation on the training part"}


@dataclass(frozen=True)
class Summary:
    """What a study came to: `values[part][model][metric]` with `estimate`, `low`, `high`."""

    title: str
    champion: str
    rule: str
    report: str
    models: Sequence[str]
    metrics: Sequence[str]
    confidence: float
    values: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]


def summarise(results: StudyResults) -> Summary:
    """Return the summary of one study.

    Raises:
        ChurnlabError: the study has not been run.
    """
    comparison = results.metrics("comparison")
    values: dict[str, Any] = results.metrics("intervals")
    return Summary(
        title=results.catalog.title,
        champion=comparison["champion"],
        rule=choice(results).striptags(),
        report=_report_place(results),
        models=results.models,
        metrics=main_metrics(comparison["primary"]),
        confidence=results.params.evaluate.confidence,
        values={part: values[part] for part in PARTS},
    )


def as_markdown(summary: Summary) -> str:
    """Return the summary as Markdown without headings, to stand below any heading."""
    lines = [
        f"**{summary.title}.** Champion: **{model_title(summary.champion)}**. {summary.rule} "
        f"{summary.report}"
    ]
    for part, caption in PARTS.items():
        lines += ["", f"{_caption(summary, caption)}:", "", *_markdown_table(summary, part)]
    return "\n".join(lines)


def as_terminal(summary: Summary) -> Group:
    """Return the summary for a rich console."""
    from rich.console import Group
    from rich.text import Text

    head = Text.assemble(
        ("\n" + summary.title, "bold"),
        "\nChampion: ",
        (model_title(summary.champion), "bold green"),
    )
    tables = [_terminal_table(summary, part, caption) for part, caption in PARTS.items()]
    spaced = [item for table in tables for item in (Text(), table)]
    return Group(head, Text(summary.rule, "dim"), *spaced, Text("\n" + summary.report))


def _report_place(results: StudyResults) -> str:
    place = results.paths.report.relative_to(results.paths.root).as_posix()
    if results.paths.report.is_file():
        return f"Report: {place}"
    return f"Report: not there yet; `dvc repro report@{results.study}` writes {place}"


def _caption(summary: Summary, part: str) -> str:
    return f"{part}, with {100 * summary.confidence:g} % intervals"


def _heading(metric: str) -> str:
    return f"{metric_title(metric)} {'↓' if metric in LOWER_IS_BETTER else '↑'}"


def _markdown_table(summary: Summary, part: str) -> list[str]:
    head = ["model", *(_heading(metric) for metric in summary.metrics)]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for model in summary.models:
        cells = [
            f"{metric_text(metric, value['estimate'])} ({interval_text(metric, value)})"
            for metric, value in _row(summary, part, model)
        ]
        name = model_title(model)
        if model == summary.champion:
            name, cells = f"**{name}**", [f"**{cell}**" for cell in cells]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return lines


def _terminal_table(summary: Summary, part: str, caption: str) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    # Tight enough for five metrics in the 80 columns of a log.
    table = Table(
        title=_caption(summary, caption),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("model", min_width=13)
    for metric in summary.metrics:
        table.add_column(_heading(metric), justify="right", min_width=11)
    for model in summary.models:
        style = "bold green" if model == summary.champion else ""
        cells = [
            Text.assemble(
                (metric_text(metric, value["estimate"]), style),
                ("\n" + interval_text(metric, value), "dim"),
            )
            for metric, value in _row(summary, part, model)
        ]
        table.add_row(Text(model_title(model), style), *cells)
    return table


def _row(summary: Summary, part: str, model: str) -> list[tuple[str, Mapping[str, float]]]:
    found = summary.values[part][model]
    return [(metric, found[metric]) for metric in summary.metrics]
