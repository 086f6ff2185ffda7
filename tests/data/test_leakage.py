"""The leakage report names what it must, and nothing else."""

import pytest

from churnlab.data.leakage import leakage_report
from churnlab.data.schema import outcome, read_table
from churnlab.data.splits import split
from data.tables import table


@pytest.fixture
def frame(small, write):
    return read_table(write(table()), small)


def with_role(catalog, name, role):
    column = catalog.columns[name].model_copy(update={"role": role})
    return catalog.model_copy(update={"columns": {**catalog.columns, name: column}})


def found(report, name):
    return [f for f in report["findings"] if f["name"] == name]


def test_the_bank_report_names_complain_and_the_three_identifiers(bank, bank_table):
    train, test = split(bank_table, bank, "random", 0.3, 42)

    report = leakage_report(train, test, bank, 0.95)

    (complain,) = found(report, "separates_classes")
    assert complain["column"] == "Complain"
    assert complain["severity"] == "handled"
    agreement = (train["Complain"] == outcome(train, bank)).mean()
    assert complain["evidence"] == pytest.approx(agreement)
    assert agreement > 0.99
    identifiers = [f["column"] for f in found(report, "identifier")]
    assert identifiers == ["RowNumber", "CustomerId", "Surname"]
    assert len(report["findings"]) == 4


def test_complain_as_an_input_is_an_error_with_its_remedy(bank, bank_table):
    train, test = split(bank_table, bank, "random", 0.3, 42)

    report = leakage_report(train, test, with_role(bank, "Complain", "input"), 0.95)

    (complain,) = found(report, "separates_classes")
    assert complain["severity"] == "error"
    assert "columns.Complain.role: leak" in complain["remedy"]
    assert report["counts"]["error"] == 1


def test_the_customer_number_as_an_input_is_a_suspected_identifier(bank, bank_table):
    train, test = split(bank_table, bank, "random", 0.3, 42)

    report = leakage_report(train, test, with_role(bank, "CustomerId", "input"), 0.95)

    assert [f["column"] for f in found(report, "suspected_identifier")] == ["CustomerId"]


def test_the_telecom_report_has_only_the_five_correlated_pairs(telecom, telecom_table):
    train, test = split(telecom_table, telecom, "published", 0.3, 42)

    report = leakage_report(train, test, telecom, 0.95)

    assert [f["name"] for f in report["findings"]] == ["correlated_columns"] * 5
    assert report["counts"] == {"handled": 4, "note": 1}


def test_a_copy_of_the_target_is_told_even_when_it_is_coded_otherwise(small, frame):
    frame["calls"] = 5.0 - 3.0 * outcome(frame, small)

    report = leakage_report(frame[:28], frame[28:], small, 0.95)

    (copy,) = found(report, "target_copy")
    assert (copy["column"], copy["severity"], copy["evidence"]) == ("calls", "error", 1.0)


def test_test_rows_that_are_training_rows_too_are_counted(small, frame):
    frame.loc[30:32, small.inputs] = frame.loc[[3, 3, 4], small.inputs].to_numpy()

    report = leakage_report(frame[:28], frame[28:], small, 0.95)

    (duplicates,) = found(report, "duplicates_across_split")
    assert duplicates["evidence"] == 3


def test_a_nearly_constant_column_is_told(small, frame):
    frame["calls"] = 1.0

    report = leakage_report(frame[:28], frame[28:], small, 0.95)

    assert [f["column"] for f in found(report, "nearly_constant")] == ["calls"]


def test_every_finding_has_a_code_a_cause_and_a_remedy_and_codes_mean_one_thing(bank, bank_table):
    train, test = split(bank_table, bank, "random", 0.3, 42)
    findings = leakage_report(train, test, bank, 0.05)["findings"]

    assert all(f["code"] and f["cause"] and f["remedy"] for f in findings)
    assert len({(f["code"], f["name"]) for f in findings}) == len({f["code"] for f in findings})
