"""`churnlab verify` on a pipeline of two small stages, in real Git and DVC."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.repository import Repository
from stages.studies import REPOSITORY, environment
from verification.repository import commit, edit

pytestmark = pytest.mark.pipeline


def verdicts(result):
    return {finding["path"]: finding["verdict"] for finding in json.loads(result.stdout)["outputs"]}


def test_an_unchanged_commit_is_identical_and_nothing_is_touched(repository, verify, tmp_path):
    result = verify("telecom")
    assert result.exit_code == 0, result.output
    assert "Reproduced: 4 identical." in result.stdout
    assert repository.git("status", "--porcelain") == ""
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_seed_changed_without_a_run_is_found_and_named(repository, verify):
    edit(repository, "params.yaml", "seed: 1", "seed: 2")
    commit(repository, "another seed")
    result = verify("--json")
    assert result.exit_code == 3
    assert set(verdicts(result).values()) == {"different"}
    (change,) = json.loads(result.stdout)["inputs_changed"]
    assert change == {"what": "params.yaml: seed: 1 -> 2", "stages": ["train@telecom"]}


def test_code_changed_without_a_run_is_found_where_its_numbers_change(repository, verify):
    edit(repository, "train.py", "draw.random() +", "draw.random() / 2 +")
    commit(repository, "half of it")
    result = verify("--json")
    assert result.exit_code == 3
    (found,) = [f for f in json.loads(result.stdout)["outputs"] if f["verdict"] == "different"]
    assert found["path"] == "data/predictions/telecom"
    assert "rf.csv: column p, row" in found["place"]
    (change,) = json.loads(result.stdout)["inputs_changed"]
    assert change == {"what": "train.py", "stages": ["train@telecom"]}


def test_data_changed_without_a_run_are_found_and_named(repository, verify):
    edit(repository, "data/customers.csv", "7\n", "70\n")
    commit(repository, "another customer")
    result = verify("--json")
    assert result.exit_code == 3
    (found,) = [f for f in json.loads(result.stdout)["outputs"] if f["verdict"] == "different"]
    assert found["path"] == "data/predictions/telecom"
    assert found["place"] == "rf.csv: column id, row 8: 7 -> 70"
    (change,) = json.loads(result.stdout)["inputs_changed"]
    assert change == {"what": "data/customers.csv", "stages": ["train@telecom"]}


def install(folder, version, offset):
    """Lay out a library as pip does."""
    information = folder / f"scoring-{version}.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: scoring\nVersion: {version}\n"
    )
    (folder / "scoring.py").write_text(f"offset = {offset}\n")
    return str(folder)


def test_another_version_of_a_library_is_found_and_named(repository, verify, tmp_path, monkeypatch):
    (repository.root / "requirements.txt").write_text("scoring==1.0\n")
    commit(repository, "what it runs with")
    with monkeypatch.context() as locked:
        locked.syspath_prepend(install(tmp_path / "locked", "1.0", 0.0))
        same = verify(PYTHONPATH=str(tmp_path / "locked"))
        assert same.exit_code == 0, same.output
        assert "scoring" not in same.stdout
    monkeypatch.syspath_prepend(install(tmp_path / "newer", "2.0", 0.25))
    other = verify("--json", PYTHONPATH=str(tmp_path / "newer"))
    assert other.exit_code == 3
    assert verdicts(other)["data/predictions/telecom"] == "different"
    (library,) = json.loads(other.stdout)["libraries_changed"]
    assert library == {"name": "scoring", "locked": "1.0", "installed": "2.0"}


def test_code_changed_without_a_run_and_with_the_same_results_is_a_stale_lock(repository, verify):
    edit(repository, "train.py", "rows = [", "# One per customer.\nrows = [")
    commit(repository, "a comment")
    result = verify()
    assert result.exit_code == 4
    assert "Stale: 4 identical" in result.stdout
    assert "train.py  [train@telecom]" in result.stdout


def test_a_metric_edited_by_hand_is_different_however_small_the_edit(repository, verify):
    file = repository.root / "metrics/telecom/test.json"
    value = json.loads(file.read_text())["rf"]["roc_auc"]
    file.write_text(json.dumps({"rf": {"roc_auc": value + 1e-9}}))
    commit(repository, "a better one")
    result = verify("--json")
    assert result.exit_code == 3
    assert verdicts(result)["metrics/telecom/test.json"] == "different"
    assert "edited after the run" in result.stdout


def test_a_metric_that_was_committed_with_the_lock_of_an_older_run_is_different(repository, verify):
    before = repository.lock_bytes
    edit(repository, "params.yaml", "seed: 1", "seed: 2")
    assert repository.dvc("repro").returncode == 0
    (repository.root / "dvc.lock").write_bytes(before)
    commit(repository, "the lock was forgotten")
    result = verify()
    assert result.exit_code == 3
    assert "Git holds what the re-run makes, dvc.lock records other bytes" in result.stdout


def test_last_digits_of_another_processor_are_within_tolerance(verify):
    result = verify("--json", ROUNDING="0.00000007")
    assert result.exit_code == 0, result.output
    assert verdicts(result) == {
        "data/predictions/telecom": "within tolerance",
        "metrics/telecom/test.json": "within tolerance",
        "models/telecom/rf/model.joblib": "accepted",
        "reports/telecom.html": "within tolerance",
    }
    largest = {f["path"]: f["largest"] for f in json.loads(result.stdout)["outputs"]}
    assert largest["data/predictions/telecom"] == pytest.approx(7e-8, rel=0.2)


def test_with_neither_cache_nor_remote_what_was_computed_from_an_output_decides(repository, verify):
    shutil.rmtree(repository.root / ".dvc/cache")
    near = verify("--json", ROUNDING="0.00000007")
    assert near.exit_code == 0, near.output
    assert verdicts(near) == {
        "data/predictions/telecom": "accepted",
        "metrics/telecom/test.json": "within tolerance",
        "models/telecom/rf/model.joblib": "accepted",
        "reports/telecom.html": "accepted",
    }
    assert "neither the cache nor a remote has the committed file" in near.stdout
    far = verify("--json", ROUNDING="0.3")
    assert far.exit_code == 3
    assert set(verdicts(far).values()) == {"different"}


def test_committed_content_comes_from_a_remote_when_the_cache_is_empty(
    repository, verify, tmp_path
):
    repository.dvc("remote", "add", "--local", "--default", "shelf", str(tmp_path / "shelf"))
    assert repository.dvc("push").returncode == 0
    shutil.rmtree(repository.root / ".dvc/cache")
    result = verify("--json", ROUNDING="0.00000007")
    assert verdicts(result)["data/predictions/telecom"] == "within tolerance"
    assert verdicts(result)["reports/telecom.html"] == "within tolerance"


def test_exact_accepts_the_same_bytes_only(verify):
    result = verify("--exact", ROUNDING="0.00000007")
    assert result.exit_code == 3
    assert "not all the same" in result.stdout


def test_a_machine_that_does_not_repeat_itself_is_told_with_repeat(verify):
    steady = verify("--repeat", ROUNDING="0.00000007")
    assert steady.exit_code == 0, steady.output
    noisy = verify("--repeat", NOISE="0.00001")
    assert noisy.exit_code == 3
    assert "A second run on this machine made other bytes" in noisy.stdout


def test_an_older_revision_and_an_experiment_can_be_verified(repository, verify):
    repository.git("tag", "v1")
    done = repository.dvc("exp", "run", "--name", "reseeded", "--set-param", "seed=3")
    assert done.returncode == 0, done.stderr
    repository.git("checkout", "--", ".")
    (repository.root / "train.py").write_text("raise SystemExit('broken')")
    commit(repository, "broken")
    assert verify("telecom", "--from", "v1").exit_code == 0
    experiment = verify("telecom", "--from", "reseeded")
    assert experiment.exit_code == 0, experiment.output
    assert "(reseeded)" in experiment.stdout
    broken = verify("telecom")
    assert broken.exit_code == 1
    assert "train@telecom failed" in broken.stderr
    assert "broken" in broken.stderr
    assert "Traceback" not in broken.output


def test_a_shallow_clone_can_be_verified(repository, verify, tmp_path, monkeypatch):
    clone = Repository(tmp_path / "clone")
    url = repository.root.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth=1", url, clone.root], check=True)
    monkeypatch.setattr(repository, "root", clone.root)
    assert verify("telecom").exit_code == 0


def test_what_is_not_committed_is_left_out_with_a_warning(repository, verify):
    edit(repository, "params.yaml", "seed: 1", "seed: 2")
    result = verify()
    assert result.exit_code == 0
    assert "HEAD is verified, without what is not committed: params.yaml" in result.stderr


def test_inside_a_git_hook_the_right_repository_is_verified(repository, verify, tmp_path):
    result = verify(GIT_DIR=str(tmp_path / "elsewhere"), GIT_INDEX_FILE="index")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["telcom"], "did you mean 'telecom'?"),
        (["--from", "mian"], "did you mean 'main'?"),
        (["--from", "--upload-pack=x"], "has no such branch"),
    ],
)
def test_a_mistake_names_the_right_word(verify, arguments, said):
    result = verify(*arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_revision_without_results_says_what_to_run(repository, verify):
    repository.git("rm", "--quiet", "dvc.lock")
    commit(repository, "no results")
    result = verify()
    assert result.exit_code == 1
    assert "run `dvc repro` and commit dvc.lock" in result.stderr


def test_outputs_that_are_kept_need_not_be_computed_again(repository, verify):
    for folder in (".dvc/cache", "data/predictions", "models", "reports"):
        shutil.rmtree(repository.root / folder)
    assert verify("--keep-outputs").exit_code == 0
    done = repository.dvc("checkout")
    assert done.returncode == 0, done.stderr
    assert (repository.root / "models/telecom/rf/model.joblib").read_text() == "pickle 1 0.0"
    assert "up to date" in repository.dvc("status").stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_checkout_and_no_process(repository, tmp_path, number):
    temporary, marker = tmp_path / "temporary", tmp_path / "pid"
    temporary.mkdir()
    slow = f"import os, time, pathlib\npathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\n"
    (repository.root / "train.py").write_text(f"{slow}time.sleep(120)\n")
    commit(repository, "slow")
    process = subprocess.Popen(
        [sys.executable, "-m", "churnlab.cli", "verify"],
        cwd=repository.root,
        env=environment(TMPDIR=str(temporary), PYTHONPATH=str(REPOSITORY / "src")),
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not (marker.exists() and marker.read_text()) and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the temporary checkout is removed" in said
    assert "Traceback" not in said
    assert list(temporary.iterdir()) == []
    assert not is_running(int(marker.read_text()))


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that has ended stays listed until its parent asks for its status.
    return "zombie" not in Path(f"/proc/{pid}/status").read_text()
