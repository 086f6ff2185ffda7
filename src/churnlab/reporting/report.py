"""The page of a study: one file that needs no other, the same bytes on every run."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from churnlab.reporting.blocks import Section, render
from churnlab.reporting.picture import Picture
from churnlab.reporting.results import StudyResults
from churnlab.reporting.sections.champion import comparison_section, headline
from churnlab.reporting.sections.data import data_section
from churnlab.reporting.sections.errors import errors_section
from churnlab.reporting.sections.events import by_time_section, events_section
from churnlab.reporting.sections.fairness import fairness_section
from churnlab.reporting.sections.models import explanation_section, models_section
from churnlab.reporting.sections.protocols import protocols_section
from churnlab.reporting.sections.provenance import provenance_section
from churnlab.reporting.sections.results import curves_section, results_section
from churnlab.reporting.sections.risk import risk_section


def render_report(results: StudyResults, pictures: Mapping[str, Picture]) -> str:
    """Return the page as HTML with its pictures inside.

    Args:
        results: the files of the study.
        pictures: every picture of its gallery, by name.

    Raises:
        ChurnlabError: a stage before has not been run.
    """
    return render(
        "report.html.j2",
        title=results.catalog.title,
        study=results.study,
        sections=list(_sections(results, pictures)),
        drawn=lambda picture: Markup(picture.svg()),
    )


def _sections(results: StudyResults, pictures: Mapping[str, Picture]) -> list[Section]:
    of_events = bool(results.events())
    sections = [
        headline(results),
        data_section(results, pictures),
        *([events_section(results)] if of_events else []),
        results_section(results, pictures),
        *([by_time_section(results)] if of_events else []),
        comparison_section(results),
        curves_section(results, pictures),
        errors_section(results, pictures),
        fairness_section(results),
    ]
    if results.has_metrics("protocols"):
        sections.append(protocols_section(results, pictures))
    if results.has_metrics("importance"):
        sections.append(explanation_section(pictures))
    if results.has_metrics("score"):
        sections.append(risk_section(results))
    return [*sections, models_section(results, pictures), provenance_section(results)]
