"""Settings: their table in the documents, and wrong ones."""

import re

import pytest

from churnlab.errors import ChurnlabError
from churnlab.serving.settings import PREFIX, Settings, read_settings
from stages.studies import REPOSITORY


def test_the_documents_list_every_setting_and_its_default():
    text = (REPOSITORY / "docs/service.md").read_text()
    section = text.split("## Settings")[1].split("##")[0]
    cells = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    listed = {
        name: shown.strip() for names, shown in cells for name in re.findall(r"`(\w+)`", names)
    }
    expected = {
        PREFIX + name.upper(): "" if field.default in (None, "") else str(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert {name: shown.strip("`") for name, shown in listed.items()} == expected


def test_what_is_given_comes_before_the_environment():
    found = read_settings({"CHURNLAB_RATE": "7", "CHURNLAB_MOST_ROWS": "5"}, rate=9, home=None)
    assert (found.rate, found.most_rows) == (9, 5)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("CHURNLAB_RATE", "many", r"CHURNLAB_RATE: .*integer.*'many'"),
        ("CHURNLAB_SECONDS", "0", "CHURNLAB_SECONDS: .*greater than 0"),
        ("CHURNLAB_UNKNOWN_CATEGORIES", "ignore", "'refuse' or 'accept'"),
        ("CHURNLAB_TLS_KEY", "key.pem", "belong together"),
    ],
)
def test_a_wrong_setting_is_named(variable, value, message):
    with pytest.raises(ChurnlabError, match=message):
        read_settings({variable: value})


def test_a_secret_may_be_in_a_file(tmp_path):
    file = tmp_path / "online_store"
    file.write_text("redis://:secret@redis:6379/0\n")
    found = read_settings({"CHURNLAB_ONLINE_STORE_FILE": str(file)})
    assert found.online_store == "redis://:secret@redis:6379/0"
    both = {"CHURNLAB_ONLINE_STORE_FILE": str(file), "CHURNLAB_ONLINE_STORE": "redis://other"}
    assert read_settings(both).online_store == "redis://other"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ChurnlabError, match=r"CHURNLAB_ONLINE_STORE_FILE: .*missing.*cannot"):
        read_settings({"CHURNLAB_ONLINE_STORE_FILE": str(tmp_path / "missing")})
