"""A small study, run twice by real DVC: two commits with a champion each, and copies of it."""

import shutil

import pytest
from typer.testing import CliRunner

from churnlab.cli import app
from pipeline.repository import Repository
from pipeline.shared import made_once
from stages.studies import REPOSITORY, make_repository

WHY = "better on the test part"


@pytest.fixture(scope="session")
def two_champions(tmp_path_factory):
    """A repository with the tags `first` and `second`; not to be changed."""
    return Repository(made_once(tmp_path_factory, "registry", run_twice))


def run_twice(root):
    """Make a repository, run it with two sets of models, and tag what each gave."""
    make_repository(root)
    for name in ("dvc.yaml", ".dvcignore", ".gitignore", ".gitattributes"):
        shutil.copy(REPOSITORY / name, root / name)
    (root / ".dvc").mkdir()
    for name in ("config", ".gitignore"):
        shutil.copy(REPOSITORY / ".dvc" / name, root / ".dvc" / name)
    shutil.copytree(REPOSITORY / ".dvc/plots", root / ".dvc/plots")
    repository = Repository(root)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("config", "user.name", "Ana")
    repository.git("config", "user.email", "ana@example.org")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message=as published")
    # A network of one epoch alone is far worse than with a forest beside it.
    for name, models in (("first", ["mlp"]), ("second", ["rf", "mlp"])):
        repository.change_params(lambda params, chosen=models: params.update(models=chosen))
        done = repository.dvc("repro", "report@telecom")
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        repository.git("add", "--all")
        repository.git("commit", "--quiet", f"--message={name}")
        repository.git("tag", name)


@pytest.fixture
def copy(two_champions, tmp_path, monkeypatch):
    """A copy at the second commit, as the work folder, with a registry of its own in a file."""
    root = tmp_path / "repository"
    shutil.copytree(two_champions.root, root, symlinks=True)
    monkeypatch.chdir(root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Repository(root)


def run(*arguments):
    """Run a command here, in this process."""
    return CliRunner().invoke(app, list(arguments))


def done(*arguments):
    """Run a command that has to end well; return what it printed."""
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.fixture(scope="session")
def published_once(two_champions, tmp_path_factory):
    """Both champions published, neither promoted; at the second commit; not to be changed."""

    def publish(root):
        shutil.copytree(two_champions.root, root, symlinks=True)
        repository = Repository(root)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(root)
            patch.delenv("MLFLOW_TRACKING_URI", raising=False)
            for name in ("first", "second"):
                repository.git("checkout", "--quiet", name)
                assert repository.dvc("checkout", "--allow-missing").returncode == 0
                done("publish", "telecom")

    return Repository(made_once(tmp_path_factory, "published", publish))


@pytest.fixture
def published(published_once, tmp_path, monkeypatch):
    """A copy of it as the work folder; the artefacts are those of the original, and only read."""
    root = tmp_path / "repository"
    shutil.copytree(published_once.root, root, symlinks=True)
    monkeypatch.chdir(root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Repository(root)
