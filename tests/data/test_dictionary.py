"""The data dictionary says what the catalogs say."""

import re

import pytest


@pytest.mark.parametrize("study", ["telecom", "bank"])
def test_every_column_of_a_catalog_stands_in_the_dictionary(repo_root, study, request):
    catalog = request.getfixturevalue(study)
    text = (repo_root / "data" / "README.md").read_text()
    section = text.split(f"### {study}\n")[1].split("\n#")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    listed = {row[0].strip("|` "): (row[3], row[4]) for row in rows}

    assert list(listed) == list(catalog.columns)
    for name, (privacy, meaning) in listed.items():
        assert privacy == catalog.columns[name].privacy
        assert meaning.startswith(catalog.columns[name].description)


def test_every_column_of_every_event_table_stands_in_the_dictionary(repo_root, olist):
    text = (repo_root / "data" / "README.md").read_text().split("### olist\n")[1]
    for table_name, table in olist.tables.items():
        section = re.split(rf"#### {table_name}\b.*", text)[1].split("\n#")[0]
        rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
        listed = {row[0].strip("|` "): (row[3], row[4].strip(" |")) for row in rows}

        assert table.file in section
        declared = {name: (c.privacy, c.description) for name, c in table.columns.items()}
        assert listed == declared
