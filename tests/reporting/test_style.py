"""Pictures must be readable by people who see colours otherwise."""

import re
from importlib.resources import files
from itertools import combinations

import numpy as np
import pytest

from churnlab.reporting import style
from churnlab.reporting.picture import THEMED
from churnlab.reporting.wording import FAMILY_TITLES

# Machado, Oliveira & Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
JUST_APART = 10.0


def linear(shade):
    parts = np.array([int(shade[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(shade, vision):
    seen = np.clip(np.asarray(VISION[vision]) @ linear(shade), 0, 1)
    ratio = TO_XYZ @ seen / WHITE
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def page_colours():
    """Return the light and the dark values of every colour variable of the page."""
    text = files("churnlab.reporting").joinpath("templates", "report.css").read_text()
    light, dark = text[: text.index("* {")].split("prefers-color-scheme: dark", 1)
    found = [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return dict(zip(("light", "dark"), found, strict=True))


PAGE = page_colours()


@pytest.mark.parametrize("theme", PAGE)
def test_the_page_has_every_colour_that_a_picture_leaves_to_it(theme):
    assert set(THEMED.values()) <= set(PAGE[theme])


def test_the_light_page_shows_pictures_as_their_files_do():
    assert {name: PAGE["light"][name] for name in THEMED.values()} == {
        name: shade for shade, name in THEMED.items()
    }


@pytest.mark.parametrize("theme", PAGE)
@pytest.mark.parametrize("vision", VISION)
def test_families_keep_apart_for_colour_blind_readers(vision, theme):
    shades = {family: lab(PAGE[theme][family], vision) for family in style.FAMILY_COLOURS}
    for one, other in combinations(shades, 2):
        apart = np.linalg.norm(shades[one] - shades[other])
        assert apart > JUST_APART, (one, other, apart)


@pytest.mark.parametrize("theme", PAGE)
@pytest.mark.parametrize("name", ["ink", "muted", "accent", "good", "bad"])
@pytest.mark.parametrize("ground", ["paper", "page", "mark"])
def test_words_have_the_contrast_that_wcag_asks_for(name, ground, theme):
    bright = sorted(TO_XYZ[1] @ linear(PAGE[theme][shade]) for shade in (name, ground))
    assert (bright[1] + 0.05) / (bright[0] + 0.05) >= 4.5


def test_every_named_family_has_a_colour_and_a_marker():
    assert set(FAMILY_TITLES) == set(style.FAMILY_COLOURS) == set(style.MARKERS)


def test_baseline_and_tuned_share_the_colour_and_differ_in_the_marker():
    assert style.colour("rf") == style.colour("rf_baseline")
    assert style.marker("rf")["markerfacecolor"] != style.marker("rf_baseline")["markerfacecolor"]


def test_a_family_without_a_colour_always_gets_the_same_spare_one():
    assert style.colour("tabnet") == style.colour("tabnet_baseline")
    assert style.colour("tabnet") in style.SPARE_COLOURS
