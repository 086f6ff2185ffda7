"""Every text in every language, and numbers as each writes them."""

import re
from string import Formatter

import pytest
import yaml

from churnlab.serving.pages.languages import CATALOGS, LANGUAGES, MINUS, UNKNOWN, chosen, language
from churnlab.serving.pages.rendering import HERE

TEMPLATES = sorted((HERE / "templates").glob("*.j2"))
# Names and signs that are the same in every language.
SAME = {"Churnlab", "churnlab promote", "churnlab list publish", "clk_…"}
SPOKEN = ("aria-label", "title", "placeholder", "alt")


def catalog(tag):
    return yaml.safe_load((CATALOGS / f"{tag}.yaml").read_text(encoding="utf-8"))


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_there_is_one_catalog_per_language():
    assert {path.stem for path in CATALOGS.glob("*.yaml")} == set(LANGUAGES)


@pytest.mark.parametrize("tag", LANGUAGES[1:])
def test_every_language_has_the_same_keys_and_places(tag):
    first, other = catalog(LANGUAGES[0]), catalog(tag)
    assert list(other) == list(first)
    for key, text in first.items():
        assert isinstance(other[key], str), key
        assert places(other[key]) == places(text), key


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_key_is_written_twice(tag):
    lines = (CATALOGS / f"{tag}.yaml").read_text(encoding="utf-8").splitlines()
    keys = [line.split(":")[0] for line in lines if line and not line.startswith("#")]
    assert len(keys) == len(set(keys))


def test_every_key_is_asked_for_and_every_key_asked_for_is_there():
    sources = [*TEMPLATES, *HERE.rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    keys = set(catalog("en"))
    begun = {*re.findall(r'"([a-z_.]+\.)" ~', text), *re.findall(r'f"([a-z_.]+\.)\{', text)}
    said = set(re.findall(r"""["']([a-z_]+\.[a-z_.-]+)["']""", text))
    said |= {f"{key}.{form}" for key in said for form in ("one", "other")}
    assert {key for key in keys - said if not key.startswith(tuple(begun))} == set()
    for key in re.findall(r'\bt\("([^"]+)"[,)]', text):
        assert key in keys
    for key in re.findall(r'\bL\.count\("([^"]+)"', text):
        assert {f"{key}.one", f"{key}.other"} <= keys


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_text_of_its_own(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", "\0", text, flags=re.DOTALL)
    for name in SPOKEN:
        for said in re.findall(rf'\b{name}="([^"]*)"', text):
            assert said in SAME or not re.search(r"[^\W\d_]", said), said
    for said in re.split(r"<[^>]*>", text):
        words = said.replace("\0", "").strip(" ·\n")
        assert words in SAME or not re.search(r"[^\W\d_]", words), words


@pytest.mark.parametrize(
    ("cookie", "accept", "tag"),
    [
        ("", "", "en"),
        ("", "pt-BR,pt;q=0.9,en;q=0.8", "pt-BR"),
        ("", "pt-PT", "pt-BR"),
        ("", "de, es-AR;q=0.5, en;q=0.4", "es"),
        ("", "en;q=0.1, es;q=0.9", "es"),
        ("", "es;q=0, en", "en"),
        ("", "de", "en"),
        ("", ";;;q=é,*", "en"),
        ("es", "pt-BR", "es"),
        ("xx", "pt-BR", "pt-BR"),
    ],
)
def test_the_language_is_what_was_chosen_or_what_the_browser_likes_best(cookie, accept, tag):
    assert chosen(cookie, accept).tag == tag


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("en", ["1,234.5", "0.123", "12.3%", "R$1,235", "1,235", "Sep 1, 2018", f"{MINUS}0.50"]),
        (
            "pt-BR",
            [
                "1.234,5",
                "0,123",
                "12,3%",
                "R$\xa01.235",
                "1.235",
                "1 de set. de 2018",
                f"{MINUS}0,50",
            ],
        ),
        (
            "es",
            [
                "1.234,5",
                "0,123",
                "12,3\xa0%",
                "1.235\xa0BRL",
                "1.235",
                "1 sept 2018",
                f"{MINUS}0,50",
            ],
        ),
    ],
)
def test_numbers_amounts_and_days_are_as_the_language_writes_them(tag, said):
    spoken = language(tag)
    assert [
        spoken.value(1234.5),
        spoken.number(0.12345),
        spoken.percent(0.1234),
        spoken.money(1234.56, "BRL"),
        spoken.money(1234.56, None),
        spoken.day("2018-09-01"),
        spoken.signed(-0.5),
    ] == said


def test_what_is_not_known_is_a_dash():
    assert language("en").number(None) == language("en").money(float("nan"), "BRL") == UNKNOWN


def test_one_is_told_from_many():
    assert language("es").count("list.churners", 1) == "se espera 1 baja"
    assert language("es").count("list.churners", 2) == "se esperan 2 bajas"
    assert language("pt-BR").count("list.found", 1_000_000) == "1.000.000 clientes"
