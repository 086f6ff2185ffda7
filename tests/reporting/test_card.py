"""The model card holds what the metrics say."""

import pytest

from churnlab.reporting.card import model_card
from churnlab.reporting.wording import interval_text, metric_text


@pytest.fixture(scope="module")
def card(results):
    return model_card(results)


def test_a_card_has_the_sections_that_a_reader_of_model_cards_looks_for(card):
    headings = [line for line in card.splitlines() if line.startswith("## ")]
    expected = ["Use", "Data", "Results", "Decision", "What it looks at", "Limits"]
    assert [heading[3:] for heading in headings if heading != "## Groups"] == expected


def test_the_champions_test_figures_stand_with_their_intervals(card, results):
    test = results.metrics("intervals")["test"][results.champion]
    for metric in ("log_loss", "f1", "precision", "recall", "empc"):
        value = test[metric]
        assert f"{metric_text(metric, value['estimate'])} ({interval_text(metric, value)})" in card


def test_identifiers_and_leaks_are_named_as_never_seen(card, results):
    hidden = results.catalog.with_role("identifier") + results.catalog.with_role("leak")
    assert ("Never seen by a model" in card) == bool(hidden)
    assert all(f"`{name}`" in card for name in hidden)


def test_a_card_is_the_same_whether_the_report_has_been_built_or_not(card):
    assert "Report:" not in card
    assert card.endswith(".\n")
