"""The READMEs in other languages say what the English one says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ORIGINAL = (ROOT / "README.md").read_text(encoding="utf-8")
TRANSLATIONS = ("README.pt-BR.md", "README.es.md")
RESULTS = re.compile(r"<!-- results -->\n(.*)<!-- /results -->\n", re.DOTALL)
TREE_COLUMN = 19
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(text):
    lines = [
        line for kind, body in FENCE.findall(text) if kind == "console" for line in body.split("\n")
    ]
    return [re.sub(r"\s+# .*", "", line) for line in lines if line.startswith("$ ")]


def tree(text):
    """Return the first column of the annotated tree."""
    (body,) = [body for kind, body in FENCE.findall(text) if not kind]
    return [line[:TREE_COLUMN].strip() for line in body.splitlines()]


def table_shapes(text):
    """Return the number of cells of every line of a table outside the results."""
    return [line.count("|") for line in RESULTS.sub("", text).splitlines() if line.startswith("|")]


def inline_code(text):
    """Return the code spans in tables and text outside the results, in order."""
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", RESULTS.sub("", text)))


def headings(text):
    return [line.split()[0] for line in FENCE.sub("", text).splitlines() if line.startswith("#")]


@pytest.mark.parametrize("name", TRANSLATIONS)
@pytest.mark.parametrize("part", [commands, tree, table_shapes, headings])
def test_a_translation_has_the_same_commands_tree_tables_and_headings(name, part):
    translated = part((ROOT / name).read_text(encoding="utf-8"))
    assert translated == part(ORIGINAL)
    assert translated


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_a_translation_names_the_same_files_and_options(name):
    translated = inline_code((ROOT / name).read_text(encoding="utf-8"))
    assert sorted(translated) == sorted(inline_code(ORIGINAL))


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_a_translation_shows_the_same_results(name):
    original = RESULTS.search(ORIGINAL)
    translated = RESULTS.search((ROOT / name).read_text(encoding="utf-8"))
    assert translated.group(1) == original.group(1)
    assert "Log loss" in translated.group(1)


@pytest.mark.parametrize("name", ["README.md", *TRANSLATIONS])
def test_links_to_files_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
