"""Catalogs: those of the project are sound, and mistakes in one are named."""

import copy

import pandas as pd
import pytest
import yaml

from churnlab.config import load_catalog
from churnlab.errors import ChurnlabError


@pytest.fixture
def changed(repo_root, tmp_path):
    """The bank's catalog after a change, read back from a file."""
    document = yaml.safe_load((repo_root / "data" / "catalog" / "bank.yaml").read_text())
    folder = tmp_path / "data" / "catalog"
    folder.mkdir(parents=True)

    def load(change, study="bank"):
        content = copy.deepcopy(document)
        change(content)
        (folder / "bank.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        return load_catalog(study, tmp_path)

    return load


def set_column(name, **entries):
    return lambda catalog: catalog["columns"].setdefault(name, {}).update(entries)


def test_the_telecom_catalog_lists_the_published_columns_in_their_order(repo_root, telecom):
    published = pd.read_csv(repo_root / telecom.source.published_path, nrows=0)

    assert list(telecom.columns) == list(published.columns)


def test_the_reduced_telecom_set_has_the_13_columns_of_the_source(telecom):
    assert len(telecom.reduced_columns) == 13
    assert not [name for name in telecom.reduced_columns if name.endswith("charge")]


def test_the_bank_catalog_gives_the_network_its_16_encoded_inputs(bank):
    encoded = sum(len(levels) - 1 for levels in bank.categorical_inputs.values())

    assert len(bank.numeric_inputs) == 10
    assert len(bank.numeric_inputs) + encoded == 16


def test_identifiers_and_the_leak_of_the_bank_are_no_inputs(bank):
    assert bank.with_role("identifier") == ["RowNumber", "CustomerId", "Surname"]
    assert bank.with_role("leak") == ["Complain"]
    assert not {"RowNumber", "CustomerId", "Surname", "Complain", "Exited"} & set(bank.inputs)


def test_an_unknown_study_is_told_with_the_nearest_one(repo_root):
    with pytest.raises(ChurnlabError, match=r"telecon.*did you mean 'telecom'"):
        load_catalog("telecon", repo_root)


@pytest.mark.parametrize(
    ("change", "key", "remedy"),
    [
        (lambda c: c.update(name="bnk"), "name: 'bnk'", "write 'bank'"),
        (lambda c: c.update(colums={}), "colums: unknown key", "did you mean 'columns'?"),
        (lambda c: c["source"].update(sha256="abc"), "source.sha256: 'abc'", "must match"),
        (lambda c: c["source"].pop("licence"), "source.licence", "missing"),
        (lambda c: c["source"].update(file="../x"), "source.file: '../x'", "must match"),
        (lambda c: c.update(id="CustomerID"), "id: unknown column", "'CustomerId'"),
        (lambda c: c.update(id="Age"), "columns.Age.role: 'input'", "write identifier"),
        (lambda c: c["target"].update(column="Exitd"), "target.column", "'Exited'"),
        (lambda c: c["target"].update(column="Gender"), "columns.Gender.role", "write target"),
        (lambda c: c["target"].update(negative="1"), "both '1'", "two values"),
        (lambda c: c["target"].update(positive="yes"), "columns.Exited.categories", "'yes'"),
        (lambda c: c["target"].update(positive=1), "target.positive: 1", "in quotes"),
        (lambda c: c.update(reduced_columns=["Agee"]), "unknown input 'Agee'", "'Age'"),
        (lambda c: c.update(reduced_columns=["Complain"]), "unknown input 'Complain'", "allowed"),
        (lambda c: c["fairness"].update(columns=["Gendr"]), "'Gendr'", "'Gender'"),
        (lambda c: c["fairness"].update(columns=["Balance"]), "'Balance' is numeric", "edges"),
        (lambda c: c["fairness"].update(bins={"Age": [9, 3]}), "fairness.bins.Age", "rising"),
        (set_column("Complain", role="target"), "columns.Complain.role", "one column"),
        (set_column("Age", role="laek"), "columns.Age.role: 'laek'", "did you mean 'leak'?"),
        (set_column("Age", privacy="sensitive"), "columns.Age: sensitive", "sensitive_basis"),
        (set_column("Age", privacy="identifier"), "columns.Age.privacy", "change the role"),
        (set_column("Age", min=99, max=1), "columns.Age", "exchange"),
        (set_column("Age", categories=["a"]), "columns.Age", "categorical"),
        (set_column("Gender", categories=[]), "columns.Gender", "list them"),
        (set_column("Gender", categories=["a", "a"]), "columns.Gender", "listed twice"),
        (set_column("Gender", min=1), "columns.Gender", "numeric"),
        (set_column("Surname", role="input"), "columns.Surname", "free text"),
        (set_column("CustomerId", integer=False), "columns.CustomerId.integer", "integer: true"),
        (lambda c: c["columns"].update(y=c["columns"]["Age"]), "columns.y", "reserved"),
        (lambda c: c.update(time="Agee"), "time: unknown column", "'Age'"),
        (lambda c: c.update(time="Age"), "columns.Age.role: 'input'", "write time"),
        (set_column("Surname", role="time"), "columns.Surname.role: 'time'", "time: Surname"),
        (set_column("Surname", type="date"), "columns.Surname", "%Y-%m-%d"),
        (set_column("Age", format="%Y"), "columns.Age", "write both"),
        (set_column("Exited", missing="fill"), "columns.Exited", "cannot be filled"),
        (
            set_column("Surname", type="date", format="%Y", role="input", privacy="behavioural"),
            "columns.Surname: a date",
            "as_of",
        ),
        (lambda c: c["columns"]["Age"].pop("privacy"), "columns.Age.privacy", "missing"),
    ],
)
def test_a_mistake_is_told_with_file_key_and_remedy(changed, tmp_path, change, key, remedy):
    with pytest.raises(ChurnlabError) as error:
        changed(change)

    message = str(error.value)
    assert message.startswith(str(tmp_path / "data" / "catalog" / "bank.yaml"))
    assert key in message
    assert remedy in message


def test_sensitive_inputs_are_accepted_with_a_declared_legal_basis(changed):
    def change(catalog):
        catalog["columns"]["Age"]["privacy"] = "sensitive"
        catalog["sensitive_basis"] = "specific consent, LGPD art. 11, I"

    assert "Age" in changed(change).inputs
