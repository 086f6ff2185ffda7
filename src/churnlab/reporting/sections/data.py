"""The section on the data: where it is from, what was kept, what leaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

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
from churnlab.reporting.wording import column_title, compact, count, number, percent

SEVERITIES = {"handled": "handled", "note": "note", "warning": "look at it", "error": "stops"}
REASONS = {
    "identifier": "says who the customer is, not how the customer behaves",
    "leak": "is known only after the outcome",
    "time": "is the time of prediction",
    "unused": "says nothing that a model can use",
}
SPLITS = {
    "published": "the published one",
    "random": "random, stratified by the target",
    "time": "by time: the latest rows are the test part",
}


def data_section(results: StudyResults, pictures: Mapping[str, Picture]) -> Section:
    """Return source, balance, columns, leakage findings and the pictures of the table."""
    profile = results.profile()
    own = [name for name in pictures if name.startswith("churn_by_")]
    blocks: list[Block] = [
        Paragraph(_source(results, profile)),
        Pictures([pictures["class_balance"], pictures["missing_values"]]),
        Paragraph(_kept(results, profile)),
        dropped_table(results),
        findings_table(results),
        *_aside("Ranges and correlations", pictures, ["ranges", "correlation"]),
        *_aside("Churn rates by column", pictures, own),
        Aside("All columns", [columns_table(results)]),
    ]
    return Section("data", "Data", blocks)


def _aside(title: str, pictures: Mapping[str, Picture], names: Sequence[str]) -> list[Block]:
    """Return those of the named pictures that the table has, or nothing."""
    shown = [pictures[name] for name in names if name in pictures]
    return [Aside(title, [Pictures(shown)])] if shown else []


def _source(results: StudyResults, profile: dict[str, Any]) -> Markup:
    source = results.catalog.source
    parts = profile["class_balance"]
    mode = results.params.split.mode(results.study)
    return sentence(
        "{}. Licence: {}. {} rows; {} of {} in the training part and {} of {} in the test "
        "part churned. The split is {}.",
        source.citation,
        source.licence,
        bold(count(sum(part["rows"] for part in parts.values()))),
        percent(parts["train"]["churn_rate"]),
        count(parts["train"]["rows"]),
        percent(parts["test"]["churn_rate"]),
        count(parts["test"]["rows"]),
        SPLITS[mode],
    )


def _kept(results: StudyResults, profile: dict[str, Any]) -> Markup:
    dropped = sum(len(names) for names in profile["dropped"].values())
    return sentence(
        "Of {} columns, {} are inputs after preparation and {} were dropped. Scaling and "
        "encoding happen inside each model's pipeline, so inside each fold; the class balance is "
        "left as it is.",
        len(results.catalog.columns),
        bold(str(len(profile["kept"]))),
        dropped,
    )


def dropped_table(results: StudyResults) -> Table:
    """Return the columns that preparation dropped, with reasons."""
    dropped = results.profile()["dropped"]
    rows = [
        [column_title(name), REASONS[role]] for role in REASONS for name in dropped.get(role, ())
    ]
    rows += [
        [
            column_title(pair["second"]),
            f"repeats {column_title(pair['first']).lower()} (r = {number(pair['r'])})",
        ]
        for pair in dropped["correlated"]
    ]
    return Table("Columns dropped", ["column", "because it"], rows, texts=frozenset({1}))


def findings_table(results: StudyResults) -> Table:
    """Return the leakage findings with evidence, cause and remedy."""
    rows = [
        [
            Cell(_names(finding["column"]), finding["name"].replace("_", " ")),
            Cell(SEVERITIES[finding["severity"]], tone=_tone(finding["severity"])),
            Cell(compact(finding["evidence"]), finding["measure"]),
            Cell(finding["cause"], finding["remedy"]),
        ]
        for finding in results.leakage()["findings"]
    ]
    caption = "Leakage checks" if rows else "Leakage checks: nothing found"
    return Table(caption, ["column", "state", "evidence", "what it means"], rows, frozenset({1, 3}))


def _names(columns: str) -> str:
    return ", ".join(column_title(name) for name in columns.split(", "))


def _tone(severity: str) -> Any:
    return {"handled": "good", "warning": "bad", "error": "bad"}.get(severity, "quiet")


def columns_table(results: StudyResults) -> Table:
    """Return the columns as the catalog describes them."""
    kept = results.profile()["kept"]
    rows = [
        [
            column_title(name),
            Cell(column.description, f"unit: {column.unit}" if column.unit else ""),
            column.type,
            column.role if name in kept or column.role != "input" else "dropped",
            column.privacy,
        ]
        for name, column in results.catalog.columns.items()
    ]
    head = ["column", "what it says", "type", "role", "privacy"]
    return Table("Columns", head, rows, frozenset({1, 2, 3, 4}))
