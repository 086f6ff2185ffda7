"""report: pictures of the study and one self-contained page."""

from __future__ import annotations

from churnlab.reporting.gallery import Gallery
from churnlab.reporting.report import render_report
from churnlab.reporting.results import StudyResults
from churnlab.serialization import write_bytes, write_text
from churnlab.stages.context import StudyContext


def run(context: StudyContext) -> None:
    """Draw every picture as PNG and write the page that holds them."""
    results = StudyResults(context.params, context.catalog, context.paths)
    pictures = list(Gallery(results).reported())
    for picture in pictures:
        write_bytes(context.paths.pictures_dir / f"{picture.name}.png", picture.png())
    page = render_report(results, {picture.name: picture for picture in pictures})
    write_text(context.paths.report, page)
