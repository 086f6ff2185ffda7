"""What the list by risk adds up to; who is on it stays out of the page."""

from __future__ import annotations

from churnlab.reporting.blocks import Cell, Paragraph, Section, Table, sentence
from churnlab.reporting.results import StudyResults
from churnlab.reporting.wording import count, percent


def risk_section(results: StudyResults) -> Section:
    """Return how many, expected churners and value at stake of every risk group."""
    score = results.metrics("score")
    at_date = f" as of {score['date']}" if score["date"] else " of the test part"
    words = sentence(
        "The score stage lists {} {}{}, the riskiest first, each with an interval, the "
        "value at stake and reasons in words. The interval is that of the churn rate among the {} "
        "rows that cross-validation scored alike. Expected churners are the sum of the "
        "probabilities, the value at stake that of probability times value.",
        count(score["all"]["customers"]),
        results.subjects,
        at_date,
        results.params.score.alike,
    )
    return Section(
        "risk", f"{results.subjects.capitalize()} by risk", (Paragraph(words), _table(results))
    )


def _table(results: StudyResults) -> Table:
    score, lowest = results.metrics("score"), results.params.score.groups
    total = score["all"]["customers"]
    # As params.yaml orders them; the rest, which has no bound there, comes last.
    order = [*lowest, *(name for name in score["groups"] if name not in lowest)]
    ordered = {name: score["groups"][name] for name in order}
    rows: list[list[Cell | str]] = [
        [
            Cell(name, f"from {lowest[name]:g} on" if name in lowest else "the rest"),
            Cell(count(group["customers"]), percent(group["customers"] / total)),
            count(round(group["expected_churners"])),
            count(round(group["value_at_stake"])),
        ]
        for name, group in ordered.items()
    ]
    titles = ["risk group", results.subjects, "expected churners", "value at stake"]
    return Table("Risk groups", titles, rows)
