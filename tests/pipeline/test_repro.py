"""`dvc repro` on a small study: complete, idle when nothing changed, byte-identical when forced."""

import json

import pytest
import yaml

from pipeline.repository import dependents, stages_run

pytestmark = pytest.mark.pipeline


def expected_stages(finished):
    """Stage names as the matrix of dvc.yaml spells them out for one study."""
    stages = yaml.safe_load((finished.root / "dvc.yaml").read_text())["stages"]
    declared = {
        name: entry
        for name, entry in stages.items()
        if entry.get("matrix", {}).get("study") != "${event_studies}"
    }
    per_model = {name for name, entry in declared.items() if "model" in entry.get("matrix", {})}
    return {f"{name}@telecom" for name in set(declared) - per_model} | {
        f"{name}@telecom-{model}" for name in per_model for model in ("rf", "mlp")
    }


def test_the_first_run_goes_through_every_stage_and_locks_each(finished):
    expected = expected_stages(finished)
    assert {name.split("@")[0] for name in expected} >= {
        *("ingest", "prepare", "tune", "train", "cross_validate", "blend", "evaluate"),
        *("compare", "errors", "protocols", "explain", "export", "score"),
    }
    assert stages_run(finished.first_run) == expected
    assert set(finished.lock()) == expected


def test_metrics_cover_baseline_tuned_and_blend_of_every_family(finished):
    for name in ("test", "cv"):
        metrics = json.loads((finished.root / f"metrics/telecom/{name}.json").read_text())
        assert set(metrics) == {*("rf", "rf_baseline", "mlp", "mlp_baseline", "blend")}
        assert all(0 <= values["roc_auc"] <= 1 for values in metrics.values())
    comparison = json.loads((finished.root / "metrics/telecom/comparison.json").read_text())
    assert comparison["champion"] in metrics


def test_the_exported_bundle_says_what_the_trained_pipeline_says(finished):
    parity = json.loads((finished.root / "metrics/telecom/export.json").read_text())
    assert parity["rows"] == 100
    assert parity["largest_difference"] <= 1e-5


def test_a_second_run_runs_nothing_and_leaves_nothing_to_commit(finished):
    again = finished.dvc("repro")
    assert again.returncode == 0, again.stderr
    assert stages_run(again.stdout) == set()
    assert finished.git("status", "--porcelain") == ""
    assert "up to date" in finished.dvc("status").stdout


def test_a_forced_run_of_everything_leaves_the_lock_byte_identical(copy):
    before = copy.lock_bytes
    forced = copy.dvc("repro", "--force")
    assert forced.returncode == 0, forced.stderr[-3000:]
    assert stages_run(forced.stdout) == set(copy.lock())
    assert copy.lock_bytes == before
    assert copy.git("status", "--porcelain") == ""


def test_dvc_dag_and_the_metrics_and_parameter_tables_can_be_read(finished):
    drawn = finished.dvc("dag", "--dot")
    assert drawn.returncode == 0
    assert all(stage in drawn.stdout for stage in finished.lock())
    shown = json.loads(finished.dvc("metrics", "show", "--json").stdout)
    files = shown[""]["data"]
    assert {"metrics/telecom/test.json", "metrics/telecom/cv.json"} <= set(files)


@pytest.mark.parametrize(
    ("section", "key", "value", "first"),
    [("blend", "calibration", "isotonic", "blend@telecom"), ("compare", "alpha", 0.1, "compare")],
)
def test_a_changed_parameter_is_the_reason_of_its_own_stage_and_of_the_page_that_lists_it(
    copy, section, key, value, first
):
    copy.change_params(lambda params: params[section].update({key: value}))
    status = json.loads(copy.dvc("status", "--json").stdout)
    stage = first if "@" in first else f"{first}@telecom"
    assert set(status) == {stage, "report@telecom"}
    assert f"{section}" in json.dumps(status[stage])


def test_an_experiment_reruns_the_blend_and_what_reads_it_and_nothing_else(copy):
    """In DVC's own copy of the repository, whose code must be the one that runs."""
    before = copy.lock_bytes
    marker = "the copy of the experiment ran this"
    stage = copy.root / "src/churnlab/stages/blend.py"
    stage.write_text(
        stage.read_text().replace(
            "    calibration = context.params",
            f'    import sys\n    sys.stderr.write("{marker} from " + __file__)\n'
            "    calibration = context.params",
        )
    )
    done = copy.dvc(
        "exp", "run", "--temp", "--name", "isotonic", "-S", "blend.calibration=isotonic"
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert stages_run(done.stdout) == dependents(copy.lock(), "blend@telecom")
    assert f"{marker} from {copy.root}/.dvc/tmp/exps/" in done.stderr + done.stdout
    assert copy.lock_bytes == before, "an experiment in a copy must leave the workspace alone"
    shown = json.loads(copy.dvc("exp", "show", "--json", "--no-pager").stdout)
    assert "isotonic" in json.dumps(shown)
