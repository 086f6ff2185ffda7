"""A published table is typed and checked, and everything wrong is told at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.data.schema import check_enough_rows, outcome, read_table
from churnlab.errors import ChurnlabError
from data.tables import HEADER, ROWS, replaced, table

NUMBER, PLAN, MINUTES, CALLS, LEFT = range(5)


def test_the_real_telecom_table_has_the_published_rows_and_churners(telecom, telecom_table):
    y = outcome(telecom_table, telecom)

    assert telecom_table.shape == (5000, 20)
    assert y.sum() == 707
    assert y[:3333].sum() == 483
    assert telecom_table["total_day_minutes"].dtype == np.float64
    assert telecom_table.loc[0, "state"] == "KS"


def test_the_real_bank_table_has_the_published_rows_and_churners(bank, bank_table):
    assert bank_table.shape == (10000, 18)
    assert outcome(bank_table, bank).sum() == 2038
    assert bank_table["CustomerId"].dtype == np.int64
    assert bank_table.loc[0, "Card Type"] == "DIAMOND"


def test_numbers_are_read_exactly(small, write):
    frame = read_table(write(table(rows=replaced(0, MINUTES, "0.1234567890123456789"))), small)

    assert frame.loc[0, "minutes"] == 0.1234567890123456789


def test_long_identifiers_stay_exact(small, write):
    frame = read_table(write(table(rows=replaced(0, NUMBER, str(2**53 + 1)))), small)

    assert frame.loc[0, "number"] == 2**53 + 1


def test_the_order_of_columns_in_the_file_does_not_matter(small, write):
    def swapped(rows):
        return [",".join(row.split(",")[::-1]) for row in rows]

    header = ",".join(HEADER.split(",")[::-1])
    frame = read_table(write(table(header=header, rows=swapped)), small)

    assert list(frame.columns) == HEADER.split(",")


@pytest.mark.parametrize("change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(small, write, change):
    expected = read_table(write(table()), small)

    assert read_table(write(change(table())), small).equals(expected)


@pytest.mark.parametrize(
    ("change", "column", "told"),
    [
        (replaced(4, MINUTES, ""), "minutes", "1 value (row 5: '') missing"),
        (replaced(4, MINUTES, "NaN"), "minutes", "1 value (row 5: 'NaN') missing"),
        (replaced(4, MINUTES, "inf"), "minutes", "1 value (row 5: 'inf') infinite"),
        (replaced(4, MINUTES, "1e999"), "minutes", "1 value (row 5: '1e999') infinite"),
        (replaced(4, MINUTES, "12,5".replace(",", ";")), "minutes", "'12;5') not a number"),
        (replaced(4, MINUTES, "1_000"), "minutes", "'1_000') not a number"),
        (replaced(4, MINUTES, "-0.5"), "minutes", "'-0.5') below the minimum 0"),
        (replaced(4, MINUTES, "100.1"), "minutes", "'100.1') above the maximum 100"),
        (replaced(4, CALLS, "2.5"), "calls", "'2.5') not whole"),
        (replaced(4, PLAN, "premum"), "plan", "'premum' looks like 'premium'"),
        (replaced(4, PLAN, "zzz"), "plan", "known: basic, family, premium"),
        (replaced(4, PLAN, ""), "plan", "1 value (row 5: '') missing"),
        (replaced(4, LEFT, "maybe"), "left", "'maybe') not a known value"),
        (replaced(4, LEFT, ""), "left", "1 value (row 5: '') missing"),
        (replaced(4, NUMBER, "100"), "number", "1 value (row 5: '100') repeat an earlier id"),
        (replaced(4, NUMBER, "a7"), "number", "'a7') not a whole number"),
        (replaced(4, NUMBER, ""), "number", "(row 5: '') empty"),
        (lambda rows: [r.replace("yes", "no") for r in rows], "left", "none of the rows has 'yes'"),
        (
            lambda rows: [r.replace(",no", ",yes") for r in rows],
            "left",
            "none of the rows has 'no'",
        ),
    ],
)
def test_a_wrong_value_is_told_with_file_rows_column_first_value_and_remedy(
    small, write, change, column, told
):
    file = write(table(rows=change))

    with pytest.raises(ChurnlabError) as error:
        read_table(file, small)

    message = str(error.value)
    assert message.startswith(f"{file}: {ROWS} rows, ")
    assert f"column '{column}': " in message
    assert told in message


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (HEADER.replace("minutes", "minuts"), "'minuts': unknown; rename it back to 'minutes'"),
        (HEADER.replace("minutes", "zzzz"), "column 'minutes': missing"),
        (HEADER.replace("minutes", "zzzz"), "column 'zzzz': not in the catalog"),
        (HEADER.replace("calls", "minutes"), "column 'minutes': the header has it 2 times"),
    ],
)
def test_a_wrong_header_is_told_with_the_nearest_right_name(small, write, header, told):
    with pytest.raises(ChurnlabError) as error:
        read_table(write(table(header=header)), small)

    assert told in str(error.value)


def test_a_missing_and_an_extra_column_are_told(small, write):
    missing = table(header=HEADER.replace(",calls", ""), rows=lambda rows: [
        ",".join(row.split(",")[:3] + row.split(",")[4:]) for row in rows
    ])  # fmt: skip
    extra = table(header=HEADER + ",more", rows=lambda rows: [row + ",1" for row in rows])

    with pytest.raises(ChurnlabError, match="column 'calls': missing"):
        read_table(write(missing), small)
    with pytest.raises(ChurnlabError, match="column 'more': not in the catalog"):
        read_table(write(extra), small)


def test_rows_of_another_length_are_told_by_their_number(small, write):
    with pytest.raises(ChurnlabError, match=r"1 rows do not have .* 5 fields \(row 40: 3 fields\)"):
        read_table(write(table(rows=lambda rows: [*rows[:-1], "139,basic,3"])), small)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "0 rows.*file is empty"),
        (HEADER + "\n", "0 rows.*no rows below the header"),
        (table().encode() + b"\xff", "is not UTF-8"),
        (table() + '"unfinished', "not a CSV file"),
    ],
)
def test_what_is_no_table_at_all_is_told(small, write, content, told):
    file = write(content)

    with pytest.raises(ChurnlabError, match=f"(?s){told}") as error:
        read_table(file, small)

    assert str(error.value).startswith(str(file))


def test_a_missing_file_says_which_stage_writes_it(small, tmp_path):
    with pytest.raises(ChurnlabError, match="run the ingest stage"):
        read_table(tmp_path / "none.csv", small)


def test_all_violations_are_told_at_once_and_long_lists_are_cut(small, write):
    def spoiled(rows):
        return [row.replace("premium", "gold").replace(".5,", ".x,") for row in rows]

    with pytest.raises(ChurnlabError) as error:
        read_table(write(table(rows=spoiled)), small)

    message = str(error.value)
    assert "40 rows, 2 violations" in message
    assert "column 'plan': 13 values (row 3: 'gold'; row 6: 'gold'; row 9: 'gold'; ...)" in message
    assert "column 'minutes': 40 values (row 1: '0.x'; " in message


@given(st.lists(st.integers(0, 1), min_size=1, max_size=30), st.integers(2, 10))
def test_rows_suffice_exactly_when_each_class_has_one_row_per_fold(labels, folds):
    y = np.array(labels)
    rarest = min(labels.count(0), labels.count(1))

    if rarest >= folds:
        check_enough_rows(y, folds)
    else:
        with pytest.raises(ChurnlabError, match=f"{rarest} of {len(y)} rows .* {folds} folds"):
            check_enough_rows(y, folds)
