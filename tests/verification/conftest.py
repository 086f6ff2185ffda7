import shutil

import pytest
from typer.testing import CliRunner

from churnlab.cli import app
from pipeline.repository import Repository
from verification.repository import make_repository


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """The pipeline after its run, committed; not to be changed."""
    return make_repository(tmp_path_factory.mktemp("verification") / "repository")


@pytest.fixture
def repository(published, tmp_path):
    """A copy of it with its cache, free to be changed."""
    shutil.copytree(published.root, tmp_path / "repository", symlinks=True)
    return Repository(tmp_path / "repository")


@pytest.fixture
def verify(repository, monkeypatch, tmp_path):
    """Run `churnlab verify` in the repository, with temporary folders in `tmp_path/temporary`."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    def run(*arguments, **variables):
        monkeypatch.chdir(repository.root)
        return CliRunner().invoke(app, ["verify", *arguments], env=variables)

    return run
