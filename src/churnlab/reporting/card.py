"""The model card of a study's champion, as Markdown (Mitchell et al. 2019)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from churnlab.reporting.results import StudyResults
from churnlab.reporting.sections.champion import choice
from churnlab.reporting.summary import as_markdown, summarise
from churnlab.reporting.wording import (
    column_title,
    count,
    group_title,
    interval_text,
    metric_text,
    metric_title,
    model_title,
    number,
    percent,
    range_text,
)

SHOWN_FEATURES = 8
SHOWN_SHAPLEY = 0.005
LIMITS = (
    "- Records of one company and one period: probabilities of another market, or of a later "
    "year, must be checked before they are used.",
    "- The target is churn within the study's horizon; it says nothing about when, or why.",
    "- Reasons per row describe the model, not causes: changing the column need not keep anybody.",
    "- Not for decisions with legal or similarly significant effect on a person without a human.",
)


def model_card(results: StudyResults) -> str:
    """Return the card: model, use, data, results, groups, limits.

    Raises:
        ChurnlabError: the study has not been run.
    """
    sections = (
        _head(results),
        _use(results),
        _data(results),
        # The first line tells the title and the rule, which the head of the card has told.
        ["## Results", *as_markdown(summarise(results)).splitlines()[1:]],
        _operating_point(results),
        _looks_at(results),
        _groups(results),
        ["## Limits", "", *LIMITS],
    )
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _head(results: StudyResults) -> list[str]:
    catalog, champion = results.catalog, results.champion
    return [
        f"# Model card: {catalog.title}",
        "",
        "| | |",
        "|---|---|",
        f"| model | {model_title(champion)}{_members(results)} |",
        f"| target | {catalog.target.column} |",
        f"| features | variant `{results.params.variant(results.study)}` |",
        f"| bundle | `bundles/{results.study}`: ONNX graph, schema, threshold, hashes |",
        f"| data | `{catalog.source.file}`, SHA-256 `{catalog.source.sha256}` |",
        f"| seed | {results.params.seed} |",
        "",
        choice(results).striptags(),
    ]


def _members(results: StudyResults) -> str:
    if results.champion != "blend":
        return ""
    weights = results.blend()["weights"]
    shares = (f"{model_title(name)} {percent(weight, 0)}" for name, weight in weights.items())
    return f" of {', '.join(shares)}"


def _use(results: StudyResults) -> list[str]:
    return [
        "## Use",
        "",
        f"Ranks {results.subjects} by their probability of leaving, so that a retention team can "
        "choose whom to contact. Made for people who plan campaigns, and for those who check the "
        "model. Input is one row each, with the columns of `schema.json`; output a probability, "
        "and the columns that raise it most.",
    ]


def _data(results: StudyResults) -> list[str]:
    balance = results.profile()["class_balance"]
    inputs = ", ".join(f"`{name}`" for name in results.profile()["kept"])
    hidden = (*results.catalog.with_role("identifier"), *results.catalog.with_role("leak"))
    lines = ["## Data", "", "| part | rows | churn |", "|---|---|---|"]
    lines += [
        f"| {part} | {count(found['rows'])} | {percent(found['churn_rate'])} |"
        for part, found in balance.items()
    ]
    lines += ["", f"Inputs: {inputs}."]
    if hidden:
        names = ", ".join(f"`{name}`" for name in hidden)
        lines.append(f"Never seen by a model (identifiers and leaks): {names}.")
    return lines


def _operating_point(results: StudyResults) -> list[str]:
    champion = results.champion
    threshold = results.metrics("thresholds")[champion]
    test: Mapping[str, Mapping[str, float]] = results.metrics("intervals")["test"][champion]
    shown = ("precision", "recall", "top_decile_lift", "empc")
    return [
        "## Decision",
        "",
        f"Threshold {number(threshold, 3)}: the highest F1 on out-of-fold predictions of the "
        "training part. On the test part:",
        "",
        *(
            f"- {metric_title(name)}: {metric_text(name, test[name]['estimate'])} "
            f"({interval_text(name, test[name])})"
            for name in shown
        ),
    ]


def _looks_at(results: StudyResults) -> list[str]:
    importance: Mapping[str, float] = results.metrics("importance")["shap"]
    moving = [name for name in importance if importance[name] >= SHOWN_SHAPLEY]
    largest = sorted(moving, key=lambda name: -importance[name])[:SHOWN_FEATURES]
    return [
        "## What it looks at",
        "",
        "Mean absolute Shapley value, in log-odds:",
        "",
        "| column | moves the log-odds by |",
        "|---|---|",
        *(f"| {column_title(name)} | {number(importance[name], 2)} |" for name in largest),
    ]


def _groups(results: StudyResults) -> list[str]:
    fairness = results.metrics("fairness")
    if not fairness:
        return []
    return [
        "## Groups",
        "",
        "Out of fold, at the threshold: share flagged, and share of the churners found (recall).",
        "",
        "| group | rows | churn | flagged | recall |",
        "|---|---|---|---|---|",
        *(line for name, found in fairness.items() for line in _group_rows(name, found["groups"])),
    ]


def _group_rows(attribute: str, groups: list[dict[str, Any]]) -> Iterator[str]:
    for group in groups:
        recall = range_text(group["tpr_low"], group["tpr_high"])
        yield (
            f"| {column_title(attribute)}: {group_title(group['group'])} | {count(group['rows'])} "
            f"| {percent(group['base_rate'])} | {percent(group['selection_rate'])} "
            f"| {percent(group['tpr'])} ({recall}) |"
        )
