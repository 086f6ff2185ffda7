import io

import numpy as np
import pytest
from matplotlib.image import imsave

from churnlab.verification.numbers import Allowance
from churnlab.verification.pages import compare_pages, compare_pictures

PAGE = """<!doctype html><title>Study</title><style>p {{ width: {style}px }}</style>
<p>Area <b>{area}</b> of 3,333 customers</p><svg><path d="M{style} 2"/></svg>"""


def page(area="0.931", style=1, **more):
    return PAGE.format(area=area, style=style).replace("Area", more.get("word", "Area")).encode()


def test_numbers_in_the_text_of_a_page_may_be_off_by_the_allowance():
    found = compare_pages(page(), page("0.933"), Allowance(0.005))
    assert found.agrees
    assert found.largest == pytest.approx(0.002)
    assert found.place == "after 'Study Area': 0.931 -> 0.933"
    assert not compare_pages(page(), page("0.933"), Allowance(0.001)).agrees


def test_a_minus_sign_and_grouped_thousands_are_numbers():
    found = compare_pages(page("−1,200.5"), page("1,200.5"), Allowance(1))  # noqa: RUF001
    assert not found.agrees
    assert found.largest == 2401


def test_other_words_are_other_pages():
    found = compare_pages(page(), page(word="Volume"), Allowance(100))
    assert not found.agrees
    assert "Volume" in found.place


def test_what_is_drawn_or_styled_is_not_text():
    assert compare_pages(page(style=1), page(style=2), Allowance()).agrees


def picture(shape=(10, 10), spots=0):
    pixels = np.zeros((*shape, 3))
    pixels.reshape(-1, 3)[:spots] = 1
    buffer = io.BytesIO()
    imsave(buffer, pixels, format="png")
    return buffer.getvalue()


def test_pictures_are_compared_by_the_share_of_pixels_that_differ():
    found = compare_pictures(picture(), picture(spots=3), Allowance(0.05))
    assert found.agrees
    assert found.largest == pytest.approx(0.03)
    assert not compare_pictures(picture(), picture(spots=6), Allowance(0.05)).agrees


def test_pictures_of_another_size_are_different():
    found = compare_pictures(picture(), picture((10, 12)), Allowance(1))
    assert not found.agrees
    assert found.place == "10 x 10 -> 12 x 10 pixels"
