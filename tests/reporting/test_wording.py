"""Words and digits for people."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import churnlab.models.families
from churnlab.evaluation.metrics import HIGHER_IS_BETTER, METRICS
from churnlab.reporting import wording


def test_every_metric_has_a_title_in_the_order_of_every_table():
    assert tuple(wording.METRIC_TITLES) == METRICS


def test_the_direction_of_each_metric_is_the_one_that_evaluation_uses():
    lower = {name for name, higher in HIGHER_IS_BETTER.items() if not higher}
    assert lower == wording.LOWER_IS_BETTER


def test_every_family_module_has_a_title():
    folder = Path(churnlab.models.families.__file__).parent
    families = {file.stem for file in folder.glob("[a-z]*.py")}
    assert families <= set(wording.FAMILY_TITLES)


def test_a_family_without_a_title_is_called_by_its_name():
    assert wording.model_title("tabnet_baseline") == "Tabnet, defaults"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("total_day_minutes", "Total day minutes"),
        ("EstimatedSalary", "Estimated salary"),
        ("Card Type", "Card type"),
        ("Age", "Age"),
        ("NumOfProducts", "Num of products"),
    ],
)
def test_columns_of_either_naming_style_read_alike(name, words):
    assert wording.column_title(name) == words


def test_a_category_does_not_repeat_its_column():
    assert wording.category_title("area_code_408", "area_code") == "408"
    assert wording.category_title("France", "Geography") == "France"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("-0.0512345 < balance <= 12345.678", f"{wording.MINUS}0.0512 < balance ≤ 12,346"),
        ("5.29635 < gap_28d <= 104614.5", "5.3 < gap 28d ≤ 104,614"),
        ("balance > 1e-07", f"balance > 1e{wording.MINUS}07"),
    ],
)
def test_a_condition_has_numbers_as_people_write_them(condition, words):
    assert wording.condition_title(condition, ["balance", "gap_28d"]) == words


def test_a_condition_names_columns_in_words_and_keeps_values():
    columns = ["state", "area_code", "number_customer_service_calls"]
    condition = "area_code = area_code_415 and number_customer_service_calls <= 1"
    assert (
        wording.condition_title(condition, columns)
        == "area code = 415 and number customer service calls ≤ 1"
    )


def test_numbers_have_fixed_decimals_and_a_true_minus_sign():
    assert wording.number(-0.01234) == "\N{MINUS SIGN}0.012"
    assert wording.number(1234.5, 1) == "1,234.5"


@given(st.floats(min_value=-0.0004, max_value=0.0))
def test_what_rounds_to_zero_has_no_sign(value):
    assert wording.number(value) == "0.000"


@given(st.floats(min_value=-9e6, max_value=9e6))
def test_a_difference_always_shows_its_sign_unless_it_is_nothing(value):
    text = wording.signed(value)
    assert text[0] in "+\N{MINUS SIGN}"
    shown = float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))
    assert shown == pytest.approx(value, abs=0.0005)


def test_what_is_not_known_is_a_dash():
    assert {wording.number(None), wording.number(float("nan")), wording.p_value(None)} == {
        wording.DASH
    }


def test_small_p_values_are_not_called_zero():
    assert wording.p_value(0.0) == "< 0.001"
    assert wording.p_value(0.0412) == "0.041"


def test_the_primary_metric_comes_first_and_once():
    assert wording.main_metrics("f1") == (
        "f1",
        "log_loss",
        "roc_auc",
        "average_precision",
        "accuracy",
    )
