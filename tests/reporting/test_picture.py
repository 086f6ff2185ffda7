"""Pictures are the same bytes on every run, and take the page's colours."""

import re
from xml.etree import ElementTree

import pytest

from churnlab.reporting import style
from churnlab.reporting.picture import THEMED, Picture

DRAW = """
import hashlib, sys
from churnlab.reporting import style
from churnlab.reporting.picture import Picture
with style.styled():
    figure, (axes,) = style.panels(style.HALF, 2)
    axes.plot([1, 2], [3, 1], **style.line("rf"))
    axes.plot([1, 2], [1, 3], **style.line("lightgbm"))
    style.legend_above(axes)
picture = Picture("probe", "", "", figure)
digest = hashlib.sha256(picture.png() + picture.svg().encode())
sys.stdout.write(digest.hexdigest())
"""


def drawn(name="probe", model="rf", words="some words"):
    with style.styled():
        figure, (axes,) = style.panels(style.HALF, 2)
        axes.plot([1, 2], [3, 1], **{**style.line(model), **style.marker(model)})
        axes.set_title(words)
    return Picture(name, "Title", "Caption.", figure)


def test_two_processes_draw_the_same_bytes(fresh_python):
    one, other = (fresh_python(DRAW, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert len(one) == 64
    assert one == other


def test_a_png_names_no_software():
    assert b"matplotlib" not in drawn().png().lower()


def test_the_svg_is_xml_without_date_or_size_in_points():
    root = ElementTree.fromstring(drawn().svg())
    assert root.tag.endswith("svg")
    assert "height" not in root.attrib
    assert "viewBox" in root.attrib
    assert "date" not in drawn().svg().lower()


@pytest.mark.parametrize("model", style.FAMILY_COLOURS)
def test_every_colour_of_the_palette_becomes_the_pages(model):
    text = drawn(model=model).svg()
    assert f"var(--{model})" in text
    assert not set(re.findall(r"#[0-9a-f]{6}\b", text)) & set(THEMED)


def test_two_pictures_on_a_page_share_no_name_inside():
    one, other = drawn("one").svg(), drawn("other").svg()
    names = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (one, other)]
    assert names[0]
    assert not names[0] & names[1]


def test_words_in_a_picture_stay_words_in_the_type_of_the_page():
    text = drawn(words="Churn <rate> & more").svg()
    assert "Churn &lt;rate&gt; &amp; more" in text
    assert "DejaVu" not in text
    assert "var(--figure-font)" in text
