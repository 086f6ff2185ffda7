"""Runs that are killed and started again, and runs on bad input, end where sound ones do."""

import os
import shutil
import signal
import time

import psutil
import pytest

from pipeline.repository import stages_run
from stages.studies import TELECOM_TRAIN_ROWS, contents, publish, telecom_text

pytestmark = pytest.mark.pipeline

# Each is killed as soon as its first output is there, so that it dies between two outputs.
KILLED_AT = (
    "data/raw/telecom/mlc_churn.csv",
    "data/prepared/telecom/train.parquet",
    "models/telecom/rf/best_params.yaml",
    "data/predictions/telecom/rf/test.parquet",
    "models/telecom/rf/model.joblib",
)
STAGES = ("ingest@telecom", "prepare@telecom", "tune@telecom-rf", "train@telecom-rf")


def forget_results(repository):
    """As after a clone: no outputs, no cache, no lock."""
    for folder in ("data/raw", "data/prepared", "data/profiles", "data/predictions", "models"):
        shutil.rmtree(repository.root / folder)
    for folder in (".dvc/cache", ".dvc/tmp"):
        shutil.rmtree(repository.root / folder, ignore_errors=True)
    (repository.root / "dvc.lock").unlink()


def run_and_kill(repository, target, file, seconds=60.0):
    """Kill the whole process group once `file` exists; return whether it was still running."""
    process = repository.start("dvc", "repro", target)
    deadline = time.monotonic() + seconds
    try:
        while not file.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        running = process.poll() is None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert file.exists()
    return running


def wait_for_stage(process, name, seconds=60.0):
    """Wait until DVC has removed the outputs of a stage, and noted its locks, and runs it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        if any(is_stage(child, name) for child in children):
            return
        time.sleep(0.002)
    raise AssertionError(f"stage {name!r} was not seen")


def is_stage(process, name):
    try:
        words = process.cmdline()
    except psutil.NoSuchProcess:
        return False
    return "src/stage.py" in words and name in words


def test_a_run_killed_again_and_again_ends_with_the_same_bytes(finished, copy):
    forget_results(copy)
    killed = [run_and_kill(copy, "train@telecom-rf", copy.root / output) for output in KILLED_AT]
    assert sum(killed) >= 3, "most runs must have died before their end for this to prove anything"
    ended = copy.dvc("repro", "train@telecom-rf")
    assert ended.returncode == 0, ended.stderr[-3000:]
    sound, resumed = finished.lock(), copy.lock()
    assert set(resumed) == set(STAGES)
    assert {name: resumed[name] for name in STAGES} == {name: sound[name] for name in STAGES}
    for folder in ("data/prepared", "models/telecom/rf", "data/predictions/telecom/rf"):
        expected = contents(finished.root, folder)
        expected.pop("data/predictions/telecom/rf/cv.parquet", None)
        expected.pop("data/predictions/telecom/rf/learning.parquet", None)
        assert contents(copy.root, folder) == expected


def test_a_killed_forced_run_leaves_a_lock_that_a_plain_run_completes(copy):
    before = copy.lock_bytes
    model = copy.root / "models/telecom/rf/model.joblib"
    process = copy.start("dvc", "repro", "--force", "--single-item", "train@telecom-rf")
    wait_for_stage(process, "train")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not model.exists()
    assert copy.dvc("repro").returncode == 0
    assert model.exists()
    assert copy.lock_bytes == before
    assert copy.git("status", "--porcelain") == ""


def test_an_altered_published_file_stops_the_run_before_any_fitting(copy):
    published = copy.root / "data/published/telecom/mlc_churn.csv"
    catalog = copy.root / "data/catalog/telecom.yaml"
    catalog.write_text(catalog.read_text() + "\n# a change that makes ingest look again\n")
    published.write_bytes(published.read_bytes().replace(b"KS,128", b"KS,129"))
    folders = ("data/raw", "data/prepared", "models", "metrics", "plots", "bundles")
    before, lock = contents(copy.root, *folders), copy.lock_bytes
    done = copy.dvc("repro")
    assert done.returncode != 0
    assert stages_run(done.stdout) == {"ingest@telecom"}
    assert "the file is altered" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(copy.root, *folders) == before
    assert copy.lock_bytes == lock


def test_a_spoilt_table_stops_the_run_before_any_fitting(copy):
    """A new edition of the table, its hash approved, but with a column renamed."""
    text = telecom_text().replace("total_day_minutes", "total_day_minute", 1)
    publish(copy.root, "telecom", text, split={"published_train_rows": TELECOM_TRAIN_ROWS})
    folders = ("data/prepared", "data/profiles", "models", "metrics", "plots", "bundles")
    before = contents(copy.root, *folders)
    done = copy.dvc("repro")
    assert done.returncode != 0
    assert stages_run(done.stdout) == {"ingest@telecom", "prepare@telecom"}
    assert "rename it back to 'total_day_minutes'" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(copy.root, *folders) == before
