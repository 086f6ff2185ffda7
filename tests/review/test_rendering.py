import io
import json

import pytest
from rich.console import Console

from churnlab.evaluation.metrics import METRICS
from churnlab.review.paired import Rules, compare_evidence, judge
from churnlab.review.rendering import (
    StudyComparison,
    as_json,
    as_markdown,
    as_terminal,
    sentence,
)

from .samples import evidence

RULES = Rules(samples=200)


@pytest.fixture(scope="module")
def found():
    pair = evidence(0.5, name="weak"), evidence(2.5, name="strong")
    metrics = judge({"telecom": compare_evidence(*pair, RULES)}, RULES)["telecom"]
    return StudyComparison("telecom", pair[0].label, pair[1].label, "log_loss", metrics)


def test_the_sentence_says_who_is_better_by_what(found):
    assert sentence(found).startswith("telecom: rev: strong is better than rev: weak by log_loss (")


def test_markdown_has_a_row_of_the_same_width_for_every_metric(found):
    table = [line for line in as_markdown([found], RULES).splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(METRICS)
    assert {line.count("|") for line in table} == {8}


def test_json_holds_every_figure_with_sorted_keys(found):
    text = as_json([found], RULES)
    content = json.loads(text)
    assert text == json.dumps(content, indent=2, sort_keys=True)
    study = content["studies"]["telecom"]
    assert study["verdict"] == "better"
    assert study["metrics"]["log_loss"]["test"]["difference"] == pytest.approx(
        found.decisive.test.difference, abs=1e-6
    )


def test_the_terminals_table_fits_eighty_columns_without_losing_a_figure(found):
    stream = io.StringIO()
    Console(file=stream, width=80).print(as_terminal([found], RULES))
    printed = stream.getvalue()
    assert all(metric in printed for metric in METRICS)
    assert f"{found.decisive.test.low:+.4f}" in printed
    assert "…" not in printed


def test_the_test_part_alone_has_no_figures_out_of_fold():
    rules = Rules(samples=200, test_only=True)
    pair = evidence(0.5, name="weak"), evidence(2.5, name="strong")
    metrics = judge({"telecom": compare_evidence(*pair, rules)}, rules)["telecom"]
    alone = StudyComparison("telecom", pair[0].label, pair[1].label, "log_loss", metrics)
    text = as_markdown([alone], rules)
    assert text.count("| - |") == len(METRICS)
    assert "left out, as asked" in text
    plain = json.loads(as_json([alone], rules))
    assert plain["studies"]["telecom"]["metrics"]["log_loss"]["held_out"] is None
