"""Whatever is wrong with a table ends in one clear message, and earlier outputs stay."""

import pytest
import yaml

from stages.studies import bank_text, contents, publish, small_params, stage, write_yaml

pytestmark = pytest.mark.pipeline

HEADER = bank_text().splitlines()[0].split(",")


def with_field(row, column, value):
    """A change that puts `value` into one field; row 1 is the first below the header."""

    def change(text):
        lines = text.splitlines()
        fields = lines[row].split(",")
        fields[HEADER.index(column)] = value
        return "\n".join([*lines[:row], ",".join(fields), *lines[row + 1 :]]) + "\n"

    return change


def without_column(name):
    position = HEADER.index(name)

    def change(text):
        rows = [line.split(",") for line in text.splitlines()]
        kept = [",".join([*row[:position], *row[position + 1 :]]) for row in rows]
        return "\n".join(kept) + "\n"

    return change


def one_class(text):
    header, *rows = text.splitlines()
    position = HEADER.index("Exited")
    stayed = [row for row in rows if row.split(",")[position] == "0"]
    return "\n".join([header, *stayed]) + "\n"


def with_extra_column(text):
    header, *rows = text.splitlines()
    return "\n".join([f"{header},Mood", *(f"{row},good" for row in rows)]) + "\n"


CASES = {
    "missing column": (without_column("Age"), ["'Age'", "missing", "80 rows"]),
    "extra column": (with_extra_column, ["'Mood'", "not in the catalog", "80 rows"]),
    "renamed column": (
        lambda text: text.replace(",Tenure,", ",Tenur,"),
        ["'Tenur'", "rename it back to 'Tenure'"],
    ),
    "wrong type": (with_field(3, "Balance", "a lot"), ["'Balance'", "row 3", "a lot", "number"]),
    "unknown category": (
        with_field(5, "Geography", "Germoney"),
        ["'Geography'", "row 5", "Germoney", "'Germany'"],
    ),
    "NaN": (with_field(7, "EstimatedSalary", "NaN"), ["'EstimatedSalary'", "row 7", "missing"]),
    "infinity": (with_field(8, "Balance", "inf"), ["'Balance'", "row 8", "infinite"]),
    "one class": (one_class, ["'Exited'", "'1'", "one class", "60 rows"]),
    "duplicate id": (
        with_field(9, "CustomerId", "15000000"),
        ["'CustomerId'", "row 9", "15000000", "repeat"],
    ),
    "third target value": (with_field(4, "Exited", "2"), ["'Exited'", "row 4", "'2'"]),
    "truncated rows": (
        lambda text: text[: text.rindex(",")] + "\n",
        ["1 rows do not have the header's 18 fields", "row 80"],
    ),
    "no rows": (lambda text: text.splitlines()[0] + "\n", ["no rows below the header"]),
}


def assert_refused(done, *words):
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.lstrip().startswith("error: ")
    for word in words:
        assert word in done.stderr, f"{word!r} is not in: {done.stderr}"


@pytest.mark.parametrize("case", CASES)
def test_a_spoilt_table_is_refused_by_prepare_and_prepared_rows_stay(repository, case):
    spoil, words = CASES[case]
    raw = repository / "data/raw/bank/Customer-Churn-Records.csv"
    spoilt = spoil(raw.read_text())
    assert spoilt != raw.read_text()
    raw.write_text(spoilt)
    before = contents(repository, "data/prepared", "data/profiles")
    assert_refused(stage(repository, "prepare", "bank"), raw.name, *words)
    assert contents(repository, "data/prepared", "data/profiles") == before


def test_all_that_is_wrong_is_told_at_once(repository):
    raw = repository / "data/raw/bank/Customer-Churn-Records.csv"
    text = with_field(3, "Balance", "a lot")(raw.read_text())
    raw.write_text(with_field(5, "Gender", "Femal")(text))
    assert_refused(stage(repository, "prepare", "bank"), "2 violations", "'Balance'", "'Gender'")


def test_fewer_churners_than_folds_are_refused_with_the_count(repository):
    params = small_params()
    write_yaml(
        repository / "params.yaml", {**params, "cross_validate": {"folds": 20, "repeats": 1}}
    )
    before = contents(repository, "data/prepared")
    assert_refused(stage(repository, "prepare", "bank"), "fewer than 20 folds", "params.yaml")
    assert contents(repository, "data/prepared") == before


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda content: content[:-100], "truncated"),
        (lambda content: content + b"1\n", "longer"),
        (lambda content: content.replace(b"KS,128", b"KS,129"), "altered"),
    ],
)
def test_a_download_with_another_hash_is_refused_by_ingest_and_raw_bytes_stay(
    repository, spoil, word
):
    published = repository / "data/published/telecom/mlc_churn.csv"
    catalog = yaml.safe_load((repository / "data/catalog/telecom.yaml").read_text())
    published.write_bytes(spoil(published.read_bytes()))
    before = contents(repository, "data/raw")
    done = stage(repository, "ingest", "telecom")
    assert_refused(done, word, published.name, catalog["source"]["sha256"])
    assert contents(repository, "data/raw") == before


def test_an_input_that_gives_the_target_away_is_named(repository):
    """`Complain` as an input: in this table it is the target's equal."""
    text = bank_text()
    lines = [line.split(",") for line in text.splitlines()]
    complain, exited = HEADER.index("Complain"), HEADER.index("Exited")
    for fields in lines[1:]:
        fields[complain] = fields[exited]
    columns = yaml.safe_load((repository / "data/catalog/bank.yaml").read_text())["columns"]
    columns["Complain"]["role"] = "input"
    text = "\n".join(",".join(fields) for fields in lines) + "\n"
    publish(repository, "bank", text, columns=columns)
    assert stage(repository, "ingest", "bank").returncode == 0
    assert_refused(stage(repository, "prepare", "bank"), "'Complain'", "target")


def test_a_stage_that_comes_too_early_says_which_one_is_missing(repository):
    (repository / "data/prepared/bank/train.parquet").unlink()
    assert_refused(stage(repository, "tune", "bank", "rf"), "train.parquet", "prepare")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("prepare", "telcom"), ["unknown study 'telcom'", "'telecom'"]),
        (("tune", "telecom", "xbg"), ["'xbg'", "xgb"]),
    ],
)
def test_a_misspelt_study_or_family_is_answered_with_the_nearest_right_one(
    repository, arguments, words
):
    assert_refused(stage(repository, *arguments), *words)


def test_a_misspelt_parameter_is_named_before_anything_runs(repository):
    params = small_params()
    params["cross_validate"] = {"fold": 2, "repeats": 1}
    write_yaml(repository / "params.yaml", params)
    assert_refused(stage(repository, "tune", "telecom", "rf"), "cross_validate", "fold", "folds")
