"""Experiments with the real commands: run, table, differences, apply, branch, push, pull."""

import csv
import io
import json
import shutil

import pytest

from pipeline.repository import Repository, stages_run

pytestmark = pytest.mark.pipeline

GRID = ("blend.calibration=none|isotonic", "errors.slices=2")
NAMES = {"telecom-calibration-none-slices-2", "telecom-calibration-isotonic-slices-2"}


def grid(repository, *parts):
    return repository.run("churnlab", "experiments", "telecom", *parts)


@pytest.fixture(scope="module")
def explored(finished, tmp_path_factory):
    """The finished study after a grid of two experiments; not to be changed."""
    root = tmp_path_factory.mktemp("explored") / "repository"
    shutil.copytree(finished.root, root, symlinks=True)
    repository = Repository(root)
    repository.grid = grid(repository, *GRID)
    assert repository.grid.returncode == 0, repository.grid.stderr[-3000:]
    return repository


@pytest.fixture
def workspace(explored, tmp_path):
    """The explored repository, free to be changed."""
    shutil.copytree(explored.root, tmp_path / "repository", symlinks=True)
    return Repository(tmp_path / "repository")


def shown(repository, *options):
    done = repository.dvc("exp", "show", "--no-pager", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def calibrations(repository):
    """The calibration of each experiment, by its name, as the CSV table has them."""
    rows = csv.DictReader(io.StringIO(shown(repository, "--csv")))
    return {row["Experiment"]: row["blend.calibration"] for row in rows if row["Experiment"]}


def printed(repository, *arguments):
    done = repository.dvc(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_grid_runs_every_combination_and_only_the_stages_that_it_reaches(explored):
    assert stages_run(explored.grid.stdout) == {
        *("blend@telecom", "evaluate@telecom", "compare@telecom")
    }
    assert calibrations(explored) == {
        "telecom-calibration-none-slices-2": "none",
        "telecom-calibration-isotonic-slices-2": "isotonic",
    }
    assert explored.git("status", "--porcelain") == "", "a grid leaves the files here alone"


def test_the_table_of_a_grid_has_the_settings_and_the_measures_that_differ(explored):
    table = explored.grid.stdout.rpartition("experiment")[2]
    assert table.splitlines()[0].split() == [
        *("blend.average_precision", "blend.f1", "blend.log_loss", "blend.roc_auc"),
        *("blend.calibration", "errors.slices"),
    ]
    rows = {words[0]: words[1:] for line in table.splitlines() if (words := line.split())}
    assert rows["telecom-calibration-none-slices-2"][-2:] == ["none", "2"]
    metrics = json.loads((explored.root / "metrics/telecom/cv.json").read_text())["blend"]
    assert float(rows["main"][2]) == pytest.approx(metrics["log_loss"], abs=1e-4)
    assert rows["main"][-2:] == ["platt", "3"]


def test_a_grid_that_is_started_again_runs_only_what_is_missing(workspace):
    assert workspace.dvc("exp", "remove", "telecom-calibration-none-slices-2").returncode == 0
    again = grid(workspace, *GRID)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("Running stage 'blend@telecom'") == 1
    assert set(calibrations(workspace)) == NAMES


def test_a_grid_is_refused_on_uncommitted_changes_and_on_a_malformed_part(workspace):
    malformed = grid(workspace, "blend.calibration")
    assert malformed.returncode == 1
    assert "write PARAMETER=VALUE" in malformed.stderr
    workspace.change_params(lambda params: params["compare"].update(alpha=0.1))
    dirty = grid(workspace, *GRID)
    assert dirty.returncode == 1
    assert "not committed" in dirty.stderr
    unknown = workspace.run("churnlab", "experiments", "telcom", *GRID)
    assert unknown.returncode == 1
    assert "did you mean 'telecom'?" in unknown.stderr


def test_an_experiment_that_fails_is_named_and_the_others_run(workspace):
    bad = grid(workspace, "blend.calibration=plat|none", "compare.alpha=0.1")
    assert bad.returncode == 1
    assert "failed: telecom-calibration-plat-alpha-0-1" in bad.stderr
    assert "platt" in bad.stderr, "the right value is named"
    assert "telecom-calibration-none-alpha-0-1" in calibrations(workspace)


def test_the_table_can_be_had_as_markdown_csv_and_json(explored):
    markdown = shown(explored, "--md", "--only-changed").splitlines()
    assert markdown[0].startswith("| Experiment")
    assert set(markdown[1]) <= set("|-")
    assert {name for name in NAMES if any(name in line for line in markdown)} >= NAMES
    (baseline,) = (
        row for row in csv.DictReader(io.StringIO(shown(explored, "--csv"))) if row["rev"] == "main"
    )
    metrics = json.loads((explored.root / "metrics/telecom/test.json").read_text())
    column = "metrics/telecom/test.json:blend.log_loss"
    assert float(baseline[column]) == pytest.approx(metrics["blend"]["log_loss"], abs=1e-4)
    assert len(json.loads(shown(explored, "--json"))) == 2


def test_differences_of_parameters_metrics_and_plots_are_those_of_the_experiment(explored):
    name = "telecom-calibration-isotonic-slices-2"
    params = json.loads(printed(explored, "params", "diff", "main", name, "--json"))
    assert params["params.yaml"] == {
        "blend.calibration": {"old": "platt", "new": "isotonic"},
        "errors.slices": {"old": 3, "new": 2, "diff": -1},
    }
    metrics = json.loads(printed(explored, "metrics", "diff", "main", name, "--json"))
    moved = {key.split(".")[0] for key in metrics["metrics/telecom/test.json"]}
    assert moved == {"blend"}
    plots = printed(explored, "plots", "diff", "main", name, "--json", "--targets", CALIBRATION)
    revisions = {
        revision
        for plot in json.loads(plots)["data"][CALIBRATION]
        for revision in plot["revisions"]
    }
    assert revisions == {"main", name}


CALIBRATION = "plots/telecom/calibration.csv"


def test_apply_takes_an_experiment_into_the_workspace_and_repro_completes_it(workspace):
    name = "telecom-calibration-isotonic-slices-2"
    printed(workspace, "exp", "apply", name)
    assert "calibration: isotonic" in (workspace.root / "params.yaml").read_text()
    completed = workspace.dvc("repro", "report@telecom")
    assert completed.returncode == 0, completed.stderr
    ran = stages_run(completed.stdout)
    assert "errors@telecom" in ran
    assert not {"blend@telecom", "evaluate@telecom", "compare@telecom"} & ran
    assert "up to date" in printed(workspace, "status")


def test_branch_makes_a_commit_that_git_can_merge(workspace):
    name = "telecom-calibration-none-slices-2"
    printed(workspace, "exp", "branch", name, "uncalibrated")
    assert "calibration: none" in workspace.git("show", "uncalibrated:params.yaml")
    changed = set(workspace.git("diff", "--name-only", "main", "uncalibrated").split())
    assert {"params.yaml", "dvc.lock", "metrics/telecom/test.json"} <= changed
    workspace.git("merge", "--quiet", "--ff-only", "uncalibrated")
    assert workspace.git("status", "--porcelain") == ""


def test_an_experiment_pushed_to_a_bare_repository_is_pulled_with_its_files(workspace, tmp_path):
    name = "telecom-calibration-isotonic-slices-2"
    workspace.git("clone", "--quiet", "--bare", ".", str(tmp_path / "origin.git"))
    workspace.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    # Not into Git: the experiment's commit, which is older, would not know of it.
    remote = ("remote", "add", "--local", "--default", "lab", str(tmp_path / "lab"))
    printed(workspace, *remote)
    printed(workspace, "exp", "push", "origin", name)
    workspace.git("push", "--quiet", "origin", "main")
    workspace.git("clone", "--quiet", str(tmp_path / "origin.git"), str(tmp_path / "other"))
    other = Repository(tmp_path / "other")
    printed(other, *remote)
    assert name in printed(other, "exp", "list", "origin")
    printed(other, "exp", "pull", "origin", name)
    printed(other, "exp", "branch", name, "theirs")
    other.git("checkout", "--quiet", "theirs")
    blended = "data/blends/telecom"
    printed(other, "checkout", blended)
    workspace_blend = json.loads((other.root / "models/telecom/blend.json").read_text())
    assert workspace_blend
    assert sorted(file.name for file in (other.root / blended).iterdir()) == sorted(
        file.name for file in (workspace.root / blended).iterdir()
    )
