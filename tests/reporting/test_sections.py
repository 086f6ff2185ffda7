"""What the page says in words follows from the files."""

import json
import shutil

import pandas as pd
import pytest

from churnlab.evaluation.fairness import group_table, parity
from churnlab.reporting.blocks import Paragraph, Table
from churnlab.reporting.results import StudyResults
from churnlab.reporting.sections.champion import choice, comparison_table, headline
from churnlab.reporting.sections.data import dropped_table, findings_table
from churnlab.reporting.sections.errors import mistakes_table, overfit_table, slices_table
from churnlab.reporting.sections.fairness import fairness_section
from churnlab.reporting.sections.models import blend_table, parameters_table
from churnlab.reporting.sections.protocols import protocols_section, protocols_table
from churnlab.reporting.sections.provenance import provenance_section
from churnlab.reporting.sections.results import metrics_table, results_section
from churnlab.serialization import write_json
from reporting.study import STUDY


@pytest.fixture
def changed(study_root, tmp_path):
    """Return a function that replaces one metrics file and returns the results."""
    root = shutil.copytree(study_root, tmp_path / "copy")

    def changed(name, content):
        write_json(root / "metrics" / STUDY / f"{name}.json", content)
        return StudyResults.load(STUDY, root)

    return changed


def texts(table):
    return [[str(cell.text) for cell in row] for row in table.cells]


def blocks(section, kind):
    return [block for block in section.blocks if isinstance(block, kind)]


def test_the_champion_is_marked_and_the_best_of_each_metric_is_strong(results):
    table = metrics_table(results, "test", ["log_loss", "roc_auc"])
    assert texts(table)[table.marked][0] == "Random Forest"
    values = results.metrics("test")
    lowest = min(values, key=lambda model: values[model]["log_loss"])
    strong = [results.models[i] for i, row in enumerate(table.cells) if row[1].strong]
    assert strong == [lowest]


def test_the_rule_says_when_a_simpler_model_was_preferred(results, changed):
    comparison = results.metrics("comparison")
    won = choice(changed("comparison", {**comparison, "best": "rf", "champion": "rf"}))
    assert "no simpler model comes as close" in won
    yielded = choice(changed("comparison", {**comparison, "best": "blend", "champion": "rf"}))
    assert "<strong>Random Forest</strong>" in yielded
    assert "is simpler and as good" in yielded


def test_headline_tells_the_reach_of_a_tenth_of_the_customers(results):
    lift = results.metrics("intervals")["test"]["rf"]["top_decile_lift"]["estimate"]
    words = blocks(headline(results), Paragraph)[0].text
    assert f"<strong>{10 * lift:.0f}\N{NO-BREAK SPACE}%</strong> of the churners" in words


def test_every_other_model_is_compared_with_the_best(results):
    pairs = results.metrics("comparison")["pairs"]
    table = texts(comparison_table(results))
    assert len(table) == len(pairs) == len(results.models) - 1
    assert {row[-1] for row in table} <= {"significantly worse", "not significantly worse"}


def test_published_results_stand_beside_the_champion_on_both_parts(results):
    table = blocks(results_section(results, _anything()), Table)[-1]
    names = [row[0] for row in texts(table)]
    assert names[0].startswith("Random Forest (here), test")
    assert names[1].startswith("Random Forest (here), cross")
    assert names[2:] == [result.name for result in results.catalog.published_results]


def test_the_four_charges_are_dropped_because_they_repeat_minutes(results):
    rows = texts(dropped_table(results))
    assert [row[0] for row in rows] == [
        f"Total {time} charge" for time in ("day", "eve", "night", "intl")
    ]
    assert all("repeats total" in row[1] for row in rows)


def test_every_leakage_finding_has_its_row(results):
    assert len(texts(findings_table(results))) == len(results.leakage()["findings"])


def test_slices_name_columns_in_words(results):
    for row in texts(slices_table(results)):
        assert "_" not in row[0]


def test_overfit_shows_the_gap_between_fitted_and_held_out_rows(results):
    row = texts(overfit_table(results, "log_loss"))[0]
    fitted, held_out = (float(value) for value in row[1:3])
    assert float(row[4].replace("\N{MINUS SIGN}", "-")) == pytest.approx(
        fitted - held_out, abs=0.0011
    )


def test_single_mistakes_show_inputs_but_nobody(results):
    table = mistakes_table(results, 4)
    assert len(table.rows) == 4
    assert "Id" not in table.head


def test_a_flaw_that_inflates_is_told_from_one_that_does_not(results):
    table = protocols_table(results)
    f1 = list(table.head).index("F1")
    tones = {row[0].text: row[f1].tone for row in table.cells}
    assert tones == {"inside the fold": "", "leak kept": "bad", "scaled before": ""}
    words = [
        str(block.text) for block in blocks(protocols_section(results, _anything()), Paragraph)
    ]
    assert "“leak kept”" in words[1]
    assert "“scaled before”" in words[2]


def test_weights_come_largest_first_and_parameters_with_their_importance(results):
    assert texts(blend_table(results)) == [["Random Forest", "0.700"], ["XGBoost", "0.300"]]
    chosen = texts(parameters_table(results, "rf"))
    assert chosen[0] == ["<code>depth</code>", "3", "75 %"]
    assert chosen[1][1:] == ["0.0123", "25 %"]
    assert chosen[2][1:] == ["a", "fixed"]


def test_a_study_without_declared_groups_says_so(results):
    words = blocks(fairness_section(results), Paragraph)
    assert "declares no groups" in words[0].text


def test_groups_show_shares_with_intervals_and_a_calibration_that_is_off(changed):
    groups = pd.Series(["[0.0, 30.0)"] * 40 + ["[30.0, 40.0)"] * 40, name="Age")
    y = [0, 1] * 40
    p = [0.2, 0.8] * 20 + [0.6, 0.99] * 20
    judged = (groups, pd.Series(y).to_numpy(), pd.Series(p).to_numpy(), 0.5)
    table = group_table(*judged).to_dict(orient="records")
    results = changed("fairness", {"Age": {"groups": table, "parity": parity(*judged)}})
    young, old = blocks(fairness_section(results), Table)[0].cells
    assert young[0].text == "0 to below 30"
    assert young[3].text == "50.0\N{NO-BREAK SPACE}%"
    assert old[3].text == "100.0\N{NO-BREAK SPACE}%"
    assert (young[-1].tone, old[-1].tone) == ("", "bad")


def test_provenance_lists_every_parameter_but_those_of_other_studies(results):
    aside = provenance_section(results).blocks[1]
    names = {row[0] for row in texts(aside.blocks[0])}
    assert "<code>cross_validate.folds</code>" in names
    assert "<code>split.telecom</code>" in names
    assert not any("bank" in name for name in names)


def test_the_files_of_the_study_are_the_ones_that_the_stages_write(results):
    assert json.loads(results.paths.metrics("comparison").read_text())["champion"] == "rf"


class _anything(dict):  # noqa: N801
    """Stands for the pictures of a section whose words alone are looked at."""

    def __missing__(self, name):
        return name
