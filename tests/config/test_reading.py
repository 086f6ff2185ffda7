"""YAML files are read strictly."""

import pytest

from churnlab.config.reading import read_yaml_mapping
from churnlab.errors import ChurnlabError


@pytest.fixture
def file(tmp_path):
    return tmp_path / "file.yaml"


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ("a: 1\nb: [1\nc: 2\n", ", line 3", "expected ',' or ']'"),
        ("a: 1\nb: 2\na: 3\n", ", line 3", "'a' is written twice (first in line 1)"),
        ("a:\n  b: 1\n  b: 2\n", ", line 3", "'b' is written twice (first in line 2)"),
        ("a: 1\n2: 3\n", ", line 2", "the key 2 is not text"),
        ("a: 1\nno: 3\n", ", line 2", "the key False is not text"),
        ("", "", "found nothing"),
        ("- a\n", "", "found a list"),
        ("a: \x01\n", "", "not valid YAML"),
    ],
)
def test_what_is_not_a_sound_mapping_is_told_with_its_line(file, text, place, told):
    file.write_text(text)

    with pytest.raises(ChurnlabError) as error:
        read_yaml_mapping(file)

    assert str(error.value).startswith(f"{file}{place}")
    assert told in str(error.value)


def test_a_file_that_is_not_utf8_is_told_with_the_byte(file):
    file.write_bytes(b"a: \xff\n")

    with pytest.raises(ChurnlabError, match="byte 3 is not UTF-8"):
        read_yaml_mapping(file)


def test_a_missing_file_is_told(file):
    with pytest.raises(ChurnlabError, match="no such file"):
        read_yaml_mapping(file)


def test_a_sound_file_is_read(file):
    file.write_text("a: 1\nb: {c: [yes, 'no']}\n")

    assert read_yaml_mapping(file) == {"a": 1, "b": {"c": [True, "no"]}}
