"""What takes minutes to make and is only read, made once for all processes of a test run."""

import fcntl
import os
import shutil

from pipeline.repository import Repository
from stages.studies import REPOSITORY, make_repository


def made_once(tmp_path_factory, name, make):
    """Return the folder that `make` has made at the path it is given.

    The first process that asks makes it; the others wait for it. What a failure left is made anew.
    """
    base = tmp_path_factory.getbasetemp()
    # pytest-xdist gives every worker a folder below that of the run.
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    shared.mkdir(exist_ok=True)
    folder, made = shared / name, shared / "made"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder


def finished_once(tmp_path_factory):
    """Return a small repository after `dvc repro` of all stages; not to be changed."""
    repository = Repository(made_once(tmp_path_factory, "pipeline", run_pipeline))
    repository.first_run = (repository.root.parent / "first-run").read_text()
    return repository


def run_pipeline(root):
    """Make a repository, run all its stages, and keep what DVC said beside it."""
    make_repository(root)
    for name in ("dvc.yaml", ".dvcignore", ".gitignore", ".gitattributes"):
        shutil.copy(REPOSITORY / name, root / name)
    (root / ".dvc").mkdir()
    shutil.copy(REPOSITORY / ".dvc/config", root / ".dvc/config")
    shutil.copy(REPOSITORY / ".dvc/.gitignore", root / ".dvc/.gitignore")
    shutil.copytree(REPOSITORY / ".dvc/plots", root / ".dvc/plots")
    repository = Repository(root)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message=as published")
    first = repository.dvc("repro")
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    (root.parent / "first-run").write_text(first.stdout)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message=finished")
