"""Every artefact has one place of its own below the root."""

from pathlib import Path

from churnlab.paths import StudyPaths

ROOT = Path("repository")
MODELS = ("rf", "xgb", "blend")


def every_file(paths):
    return [
        paths.raw("table.csv"),
        paths.prepared_train,
        paths.prepared_test,
        paths.profile_json,
        paths.leakage_json,
        paths.report,
        paths.blend_card,
        paths.blend_predictions("cv"),
        paths.blend_predictions("test"),
        paths.curve("roc"),
        paths.error_rows("confident_mistakes"),
        *(paths.metrics(name) for name in ("test", "cv", "intervals")),
        *(paths.predictions(model, part) for model in MODELS for part in ("test", "cv")),
        *(paths.model(model) for model in MODELS),
        *(paths.best_params(model) for model in MODELS),
        *(paths.trials(model) for model in MODELS),
        *(paths.search_importance(model) for model in MODELS),
    ]


def test_no_two_artefacts_of_any_study_share_a_place():
    files = [file for study in ("telecom", "bank") for file in every_file(StudyPaths(ROOT, study))]

    assert len(files) == len(set(files))


def test_every_artefact_lies_below_the_root_and_names_its_study():
    for file in every_file(StudyPaths(ROOT, "telecom")):
        assert file.is_relative_to(ROOT)
        assert "telecom" in str(file)


def test_what_a_user_opens_by_hand_is_where_the_documents_say():
    paths = StudyPaths(ROOT, "telecom")

    assert paths.model("rf") == ROOT / "models/telecom/rf/model.joblib"
    assert paths.metrics("test") == ROOT / "metrics/telecom/test.json"
    assert paths.report == ROOT / "reports/telecom.html"
    assert paths.catalog == ROOT / "data/catalog/telecom.yaml"
    assert paths.predictions("rf", "cv") == ROOT / "data/predictions/telecom/rf/cv.parquet"
