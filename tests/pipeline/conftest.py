"""One small study run once by real DVC in a repository of its own; tests work on copies of it."""

import shutil

import pytest

from pipeline.repository import Repository
from pipeline.shared import made_once
from stages.studies import REPOSITORY, make_repository


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A repository after `dvc repro` of all stages; not to be changed."""
    root = made_once(tmp_path_factory, "pipeline", run_pipeline)
    repository = Repository(root)
    repository.first_run = (root.parent / "first-run").read_text()
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


@pytest.fixture
def copy(finished, tmp_path):
    """The finished repository with its cache, free to be changed."""
    shutil.copytree(finished.root, tmp_path / "repository", symlinks=True)
    return Repository(tmp_path / "repository")
