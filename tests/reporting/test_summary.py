"""The short table for a terminal and for Markdown."""

import io

import pytest
from rich.console import Console

from churnlab.reporting.summary import as_markdown, as_terminal, summarise
from churnlab.reporting.wording import DASH, metric_text


@pytest.fixture(scope="module")
def summary(results):
    return summarise(results)


def rows(markdown):
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in lines]


def test_markdown_holds_every_model_twice_with_its_intervals(summary, results):
    table = rows(as_markdown(summary))
    size = 2 + len(results.models)
    assert len(table) == 2 * size
    primary = results.params.compare.primary
    for start, part in ((0, "test"), (size, "cv")):
        for row, model in zip(table[start + 2 : start + size], results.models, strict=True):
            value = results.metrics("intervals")[part][model][primary]
            low, high = (metric_text(primary, value[bound]) for bound in ("low", "high"))
            assert row[1] == f"{metric_text(primary, value['estimate'])} ({low}{DASH}{high})"


def test_markdown_tables_are_rectangular(summary):
    table = rows(as_markdown(summary))
    assert len({len(row) for row in table}) == 1


def test_the_champion_is_bold_in_both_tables(summary):
    bold = [line for line in as_markdown(summary).splitlines() if line.startswith("| **")]
    assert len(bold) == 2
    assert all("Random Forest" in line for line in bold)


def test_the_rule_is_plain_text(summary):
    assert "<" not in summary.rule
    assert summary.rule.startswith("The champion is the best model by cross-validated")


def test_a_terminal_of_80_columns_shows_every_value_whole(summary):
    output = io.StringIO()
    Console(file=output, width=80).print(as_terminal(summary))
    assert "…" not in output.getvalue()
    for value in summary.values["test"]["rf"].values():
        assert value["estimate"] is not None
    for metric in summary.metrics:
        shown = metric_text(metric, summary.values["test"]["rf"][metric]["estimate"])
        assert shown in output.getvalue()


def test_before_the_report_the_command_that_writes_it_is_named(summary):
    assert summary.report == (
        "Report: not there yet; `dvc repro report@telecom` writes reports/telecom.html"
    )
