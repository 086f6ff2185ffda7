"""What names of columns give away, in three languages."""

import pytest

from churnlab.onboarding.names import numbers_customers, privacy_of, study_name


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("E-Mail", "identifier"),
        ("telefone_celular", "identifier"),
        ("Surname", "identifier"),
        ("Gênero", "quasi-identifier"),
        ("customerAge", "quasi-identifier"),
        ("Religião", "sensitive"),
        ("total_day_minutes", "behavioural"),
        ("average_fee", "behavioural"),
        ("statement_count", "behavioural"),
    ],
)
def test_the_privacy_tag_is_that_of_the_words(name, tag):
    assert privacy_of(name) == tag


def test_customer_numbers_are_known_by_a_whole_word():
    assert numbers_customers("CustomerId")
    assert numbers_customers("id_cliente")
    assert not numbers_customers("paid")


@pytest.mark.parametrize(
    ("text", "name"),
    [("Meu Churn-2024", "meu_churn_2024"), ("2024 data", "study_2024_data"), ("Açúcar", "acucar")],
)
def test_any_file_name_becomes_a_name(text, name):
    assert study_name(text) == name
    assert study_name(text).isidentifier()


def test_a_name_without_letters_is_none():
    assert study_name("***") == ""
