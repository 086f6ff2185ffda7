"""Every picture can be drawn, and shows the numbers of its file."""

import json
import shutil

import pytest

from churnlab.errors import ChurnlabError
from churnlab.reporting.gallery import Gallery
from churnlab.reporting.report import render_report
from churnlab.reporting.results import StudyResults
from reporting import study


def words(picture):
    return {text.get_text() for axes in picture.figure.axes for text in axes.texts}


def lines(picture, panel=0):
    return {line.get_label(): line.get_xydata() for line in picture.figure.axes[panel].lines}


def test_there_is_a_picture_for_every_name(gallery, drawn):
    assert [picture.name for picture in drawn.values()] == list(gallery)
    assert len(gallery) == len(drawn)


def test_pictures_have_titles_and_captions_that_end(drawn):
    assert all(p.title and p.caption.endswith(".") for p in drawn.values())


def test_an_unknown_picture_names_those_there_are(gallery):
    with pytest.raises(ChurnlabError, match=r"'rok'.*roc"):
        gallery["rok"]


def test_the_report_leaves_out_what_only_notebooks_show(gallery):
    assert set(gallery) - set(gallery.reported_names) == {"search_slices_rf", "search_slices_xgb"}


def test_a_prefix_without_pictures_gives_none(gallery):
    assert gallery.starting("importance_mlp") == []
    assert [p.name for p in gallery.starting("importance_rf")] == ["importance_rf"]


def test_the_class_balance_is_that_of_the_published_split(drawn):
    assert {text.strip() for text in words(drawn["class_balance"])} == {
        "483 of 3,333 (14.5\N{NO-BREAK SPACE}%)",
        "224 of 1,667 (13.4\N{NO-BREAK SPACE}%)",
    }


def test_the_table_has_no_missing_value(drawn):
    assert words(drawn["missing_values"]) == {"No missing value\nin 5,000 rows and 20 columns"}


def test_a_column_with_many_categories_has_a_picture_of_its_own(drawn):
    axes = drawn["churn_by_state"].figure.axes[0]
    heights = [bar.get_height() for bar in axes.patches]
    assert len(heights) == 51
    assert heights == sorted(heights, reverse=True)


def test_the_roc_curve_of_each_model_is_that_of_its_file(drawn, results):
    points = results.curve("roc")
    drawn = lines(drawn["roc"])
    for model, title in (("rf", "Random Forest"), ("xgb", "XGBoost"), ("blend", "Blend")):
        own = points.loc[points["model"] == model, ["fpr", "tpr"]].to_numpy()
        assert (drawn[title] == own).all()


def test_confusion_counts_every_test_customer_once_per_model(drawn):
    for axes in drawn["confusion"].figure.axes:
        counts = [int(text.get_text().split("\n")[0].replace(",", "")) for text in axes.texts]
        assert sum(counts) == 1667


def test_chosen_thresholds_are_marked_on_the_threshold_curve(drawn, results):
    marked = {
        round(float(line.get_xydata()[0, 0]), 6)
        for line in drawn["threshold"].figure.axes[0].lines
        if line.get_xydata().size == 2
    }
    chosen = results.metrics("thresholds")
    assert marked == {chosen[model] for model in ("rf", "xgb", "blend")}


def test_the_best_so_far_of_a_search_never_gets_worse_and_skips_pruned_trials(drawn):
    best = lines(drawn["search_rf"])["best so far"]
    assert [tuple(point) for point in best] == [(0, 0.3), (1, 0.2)]


def test_a_forest_row_has_an_interval_for_each_part(drawn, results):
    panel = drawn["forest"].figure.axes[0]
    metric = results.params.compare.primary
    drawn = {tuple(line.get_xdata()) for line in panel.lines if len(line.get_xdata()) == 2}
    expected = {
        (value["low"], value["high"])
        for part in ("cv", "test")
        for value in (m[metric] for m in results.metrics("intervals")[part].values())
    }
    assert drawn == expected


def test_axes_that_count_have_whole_ticks(drawn):
    ticks = drawn["training_rf"].figure.axes[0].get_xticks()
    assert all(float(tick).is_integer() for tick in ticks)


@pytest.mark.parametrize(
    ("without", "gone"),
    [
        ("churn_by_category", {"churn_by_category", "churn_by_state"}),
        ("churn_by_quintile", {"churn_by_quantile", "ranges", "correlation"}),
    ],
    ids=["numbers alone", "categories alone"],
)
def test_a_table_of_one_kind_of_column_has_a_page_without_the_others_pictures(
    study_root, drawn, tmp_path, without, gone
):
    shutil.copytree(study_root, tmp_path / "repository")
    results = StudyResults.load(study.STUDY, tmp_path / "repository")
    profile = results.profile()
    emptied = {without: {}, "ranges": {} if "ranges" in gone else profile["ranges"]}
    results.paths.profile_json.write_text(json.dumps({**profile, **emptied}))
    gallery = Gallery(results)
    assert set(drawn) - set(gallery) == gone
    page = render_report(results, {name: drawn[name] for name in gallery.reported_names})
    assert page.count("<h2") == page.count("</h2>") > 5
