"""A small study, run twice by real DVC: two commits with a champion each, and copies of it."""

import shutil

import pytest
from typer.testing import CliRunner

from churnlab.cli import app
from pipeline.repository import Repository
from pipeline.shared import finished_once, made_once

WHY = "better on the test part"


@pytest.fixture(scope="session")
def two_champions(tmp_path_factory):
    """A repository with the tags `first` and `second`; not to be changed."""

    def run_twice(root):
        shutil.copytree(finished_once(tmp_path_factory).root, root, symlinks=True)
        # As published, but for DVC's cache: it spares fitting the same models once more.
        repository = Repository(root)
        repository.git("reset", "--quiet", "--hard", "HEAD~1")
        repository.git("clean", "-xdfq", "--exclude=.dvc")
        repository.git("config", "user.name", "Ana")
        repository.git("config", "user.email", "ana@example.org")
        # A network of one epoch alone is far worse than with a forest beside it.
        for name, models in (("first", ["mlp"]), ("second", ["rf", "mlp"])):
            repository.change_params(lambda params, chosen=models: params.update(models=chosen))
            done = repository.dvc("repro", "report@telecom")
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
            repository.git("add", "--all")
            repository.git("commit", "--quiet", f"--message={name}")
            repository.git("tag", name)

    return Repository(made_once(tmp_path_factory, "registry", run_twice))


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
