"""The sections of event studies: from events to rows, and how models do at each date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from churnlab.reporting.blocks import Block, Cell, Paragraph, Section, Table, bold, sentence
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import (
    column_title,
    count,
    interval_text,
    metric_text,
    metric_title,
    model_title,
    percent,
)

MEASURES = ("roc_auc", "average_precision", "log_loss", "top_decile_lift", "ece")
LABELS = {
    "horizon": "has no sale in the {} days after the reference date",
    "inactivity": "is without a sale for {} days, counted from the last sale before the date",
}
ACTIONS = {
    "keep": "kept",
    "exclude": "left out",
    "empty": "value emptied",
    "refuse": "stops the run",
}


def events_section(results: StudyResults) -> Section:
    """Return who is asked about and when, what the rules found, and what is not known."""
    events = results.events()
    blocks: list[Block] = [
        Paragraph(_label(events)),
        *([Paragraph(_absent(events))] if events["absent"] else []),
        quality_table(events),
        inputs_table(results),
    ]
    return Section("events", "From events to rows", blocks)


def _label(events: Mapping[str, Any]) -> Markup:
    activity, dates = events["minimum_activity"], events["dates"]
    return sentence(
        "A row is a seller at a reference date with at least {} in the {} days before it. The "
        "seller churns who {}. Features know what was known before midnight at the start of the "
        "date. {} dates from {} to {} are the training part, {} from {} to {} the test part.",
        "one order" if activity["orders"] == 1 else f"{activity['orders']} orders",
        activity["days"],
        bold(LABELS[events["label"]].format(events["horizon_days"])),
        len(dates["train"]),
        dates["train"][0],
        dates["train"][-1],
        len(dates["test"]),
        dates["test"][0],
        dates["test"][-1],
    )


def _absent(events: Mapping[str, Any]) -> Markup:
    families = ", ".join(
        entry["family"] if entry["part"] == "all" else f"{entry['family']} ({entry['part']})"
        for entry in events["left_out"]
    )
    times = (
        " The time of a sale is its shipping limit, which trails the purchase by some days."
        if "orders" in events["absent"]
        else ""
    )
    return sentence(
        "Published tables that are not here: {}.{} Left out for want of them: the features {}.",
        bold(", ".join(events["absent"])),
        times,
        families,
    )


def quality_table(events: Mapping[str, Any]) -> Table:
    """Return what each declared rule found, where it found something."""
    rows = [
        [
            Cell(column_title(rule["rule"]), rule["table"]),
            Cell(count(rule["rows"]), percent(rule["share"], 3)),
            ACTIONS.get(rule["action"], rule["action"]),
            rule["why"],
        ]
        for rule in events["rules"]
    ]
    caption = f"Data quality: {len(rows)} of {events['rules_applied']} declared rules found rows"
    return Table(caption, ["rule", "rows", "what was done", "because"], rows, frozenset({2, 3}))


def inputs_table(results: StudyResults) -> Table:
    """Return how many inputs each family of features gives."""
    families = Counter(feature["family"] for feature in results.inputs())
    rows = [[family, count(number)] for family, number in families.items()]
    return Table("Inputs by family of features", ["family", "inputs"], rows)


def by_time_section(results: StudyResults) -> Section:
    """Return every model at every date of the out-of-time part."""
    judged = results.metrics("by_time")
    shown = results.models
    opening = (
        "The dates of the test part one by one, with intervals of rows drawn within the date. "
        "Below each date: sellers, and the share that churned beside the mean prediction."
    )
    blocks: list[Block] = [Paragraph(opening)]
    blocks += [_date_table(judged, shown, date) for date in judged[shown[0]]]
    return Section("by-time", "Out of time, date by date", blocks)


def _date_table(judged: Mapping[str, Any], models: Sequence[str], date: str) -> Table:
    rows: list[list[Cell | str]] = []
    for model in models:
        found = judged[model][date]
        cells = [
            Cell(
                metric_text(name, found["metrics"][name]["estimate"]),
                interval_text(name, found["metrics"][name]),
            )
            for name in MEASURES
        ]
        rows.append([model_title(model), percent(found["mean_p"]), *cells])
    first = judged[models[0]][date]
    share = percent(first["churners"] / first["rows"])
    caption = f"{date}: {count(first['rows'])} sellers, {share} churned"
    return Table(caption, ["model", "mean prediction", *map(metric_title, MEASURES)], rows)
