"""`churnlab compare` on revisions of a real DVC repository."""

import json
import shutil

import pytest

pytestmark = pytest.mark.pipeline


def compare(repository, *arguments):
    return repository.run("churnlab", "compare", *arguments)


@pytest.fixture
def changed(copy):
    """Two commits: as finished, and with another seed for the models."""
    copy.git("tag", "before")
    copy.change_params(lambda params: params["tune"]["space"]["rf"].update(n_estimators=3))
    assert copy.dvc("repro", "compare@telecom", "evaluate@telecom").returncode == 0
    copy.git("add", "--all")
    copy.git("commit", "--quiet", "--message=three trees")
    return copy


def test_two_commits_are_compared_without_touching_the_workspace(changed):
    done = compare(changed, "before", "HEAD", "--model", "rf", "--format", "json")
    assert done.returncode == 0, done.stderr
    study = json.loads(done.stdout)["studies"]["telecom"]
    assert (study["first"], study["second"]) == ("before: rf", "HEAD: rf")
    test = json.loads((changed.root / "metrics/telecom/test.json").read_text())["rf"]
    assert study["metrics"]["log_loss"]["second"] == pytest.approx(test["log_loss"], abs=1e-4)
    assert study["metrics"]["log_loss"]["first"] != study["metrics"]["log_loss"]["second"]
    assert changed.git("status", "--porcelain") == ""


def test_the_gate_fails_only_when_the_primary_metric_is_worse(changed):
    against = ("--model", "rf_baseline", "--model-b", "rf_baseline", "--gate")
    assert compare(changed, "before", "HEAD", *against).returncode == 0
    worse = compare(changed, "before", "HEAD", "--model", "rf", "--gate", "--format", "markdown")
    verdict = "is worse than" in worse.stdout
    assert worse.returncode == (3 if verdict else 0), worse.stdout
    assert verdict, "three trees of a forest should be told from more on this table"


def test_predictions_that_only_the_remote_has_are_found_there(changed, tmp_path):
    remote = tmp_path / "remote"
    # After both commits, whose own settings do not know of it.
    for revision in ("before", "main"):
        changed.git("checkout", "--quiet", "--force", revision)
        added = changed.dvc("remote", "add", "--default", "store", str(remote))
        assert added.returncode == 0
        assert changed.dvc("checkout").returncode == 0
        assert changed.dvc("push").returncode == 0
    shutil.rmtree(changed.root / ".dvc/cache")
    found = compare(changed, "before", "HEAD", "--model", "rf")
    assert found.returncode == 0, found.stderr
    shutil.rmtree(remote)
    shutil.rmtree(changed.root / ".dvc/cache", ignore_errors=True)
    lost = compare(changed, "before", "HEAD", "--model", "rf")
    assert lost.returncode == 1
    assert "neither DVC's cache nor its remote" in lost.stderr
    assert "Traceback" not in lost.stderr


def test_an_experiment_is_compared_by_its_name(copy):
    done = copy.dvc(
        *("exp", "run", "--name", "isotonic", "-S", "blend.calibration=isotonic"),
        *("compare@telecom", "evaluate@telecom"),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    copy.git("checkout", "--quiet", "--force", "HEAD")
    found = compare(copy, "HEAD", "isotonic", "--model", "blend", "--format", "json")
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["studies"]["telecom"]["second"] == "isotonic: blend"


def test_mistakes_are_named_without_a_traceback(finished):
    for arguments, words in (
        (("nosuch", "HEAD"), "nosuch: no such branch, tag, commit or experiment"),
        (("HEAD", "HEAD", "--study", "telcom"), "metrics/telcom/comparison.json"),
        (("HEAD", "HEAD", "--model", "svm"), "has no model 'svm'; it has blend"),
    ):
        done = compare(finished, *arguments)
        assert done.returncode == 1, done.stdout
        assert words in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr
