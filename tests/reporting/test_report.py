"""The page: whole, safe, for any reader, and the same on every run."""

import dataclasses
import re
import shutil
from html.parser import HTMLParser

import pytest

from churnlab.config import load_params
from churnlab.reporting.blocks import Cell, Table
from churnlab.reporting.gallery import Gallery
from churnlab.reporting.report import render_report
from churnlab.reporting.results import StudyResults
from churnlab.stages import report
from churnlab.stages.context import StudyContext
from reporting.study import STUDY, forget_rows

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Reads a page: its text, its attributes, and whether every element is closed in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.found, self.words, self.closed_in_order = [], [], [], True
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.closed_in_order &= bool(self.open) and self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def values(self, attribute):
        return [attrs[attribute] for _, attrs in self.found if attribute in attrs]

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


class Blank:
    """Stands for a picture where only words are looked at."""

    title = caption = "words"
    wide = False

    def __init__(self, name):
        self.name = name

    def svg(self):
        return f"<svg data-name='{self.name}'></svg>"


def blanks(results):
    return {name: Blank(name) for name in Gallery(results).reported_names}


@pytest.fixture(scope="module")
def written(study_root, tmp_path_factory):
    """Return the paths of a study whose report stage ran without any row of a customer."""
    root = shutil.copytree(study_root, tmp_path_factory.mktemp("written") / "copy")
    forget_rows(root)
    context = StudyContext.load(root, STUDY, load_params(root / "params.yaml"))
    report.run(context)
    return context.paths


@pytest.fixture(scope="module")
def html(written):
    return written.report.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_every_element_is_closed_in_order(page):
    assert page.closed_in_order
    assert page.open == []


def test_no_two_elements_share_an_id(page):
    ids = page.values("id")
    assert len(ids) == len(set(ids))


def test_the_page_fetches_nothing(page, html):
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.found}
    links = page.values("href") + page.values("src") + page.values("xlink:href")
    assert links
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert "@import" not in html
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", html))


def test_every_link_leads_to_a_place_on_the_page(page, html):
    places = {f"#{name}" for name in page.values("id")}
    inside = set(re.findall(r"url\(([^)]*)\)", html)) | set(page.values("xlink:href"))
    assert set(page.values("href")) <= places
    assert {link for link in inside if link.startswith("#")} <= places


def test_every_picture_of_the_report_is_on_the_page_and_a_file(page, written, gallery):
    assert sum(tag == "svg" for tag, _ in page.found) == len(gallery.reported_names)
    files = list(written.pictures_dir.iterdir())
    assert {file.stem for file in files} == set(gallery.reported_names)
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_drawing_again_gives_the_same_bytes(results, drawn, gallery, html, written):
    again = {name: drawn[name] for name in gallery.reported_names}
    assert render_report(results, again) == html
    for name in ("roc", "correlation", "search_rf"):
        assert (written.pictures_dir / f"{name}.png").read_bytes() == drawn[name].png()


def test_the_page_names_champion_source_and_published_results(page, results):
    assert "Random Forest" in page.text
    assert results.catalog.source.sha256 in page.text
    for result in results.catalog.published_results:
        assert result.name in page.text


def test_every_model_and_metric_of_the_tables_is_in_words(page):
    assert not re.search(r"\b(rf_baseline|average_precision|top_decile_lift)\b(?!\.)", page.text)


def test_neither_time_nor_machine_is_on_the_page(html, study_root):
    assert str(study_root) not in html
    found = set(re.findall(r"\b20[2-9]\d-\d\d-\d\d\b|\d\d:\d\d:\d\d", html))
    declared = (study_root / "params.yaml").read_text()
    assert [one for one in found if one not in declared] == []


def test_texts_of_the_catalog_cannot_become_markup(results):
    hostile = "<script>alert(1)</script> & {} {0}"
    source = results.catalog.source.model_copy(update={"citation": hostile, "licence": hostile})
    catalog = results.catalog.model_copy(update={"title": hostile, "source": source})
    html = render_report(dataclasses.replace(results, catalog=catalog), blanks(results))
    assert "<script" not in html
    assert hostile in Page(html).text


def test_without_the_optional_stages_the_page_leaves_their_sections_out(study_root, tmp_path):
    root = shutil.copytree(study_root, tmp_path / "copy")
    for name in ("protocols", "importance", "export"):
        (root / "metrics" / STUDY / f"{name}.json").unlink()
    results = StudyResults.load(STUDY, root)
    page = Page(render_report(results, blanks(results)))
    assert "#protocols" not in page.values("href")
    assert "#results" in page.values("href")


def test_a_table_shows_itself_in_a_notebook_with_its_texts_escaped():
    table = Table("A < B", ["name", "value"], [["<b>", Cell("1", "note", strong=True)]])
    html = table._repr_html_()
    assert "A &lt; B" in html
    assert "<b>" not in html
    assert "<small>note</small>" in html
