"""One small study run once by real DVC in a repository of its own; tests work on copies of it."""

import shutil

import pytest

from pipeline.repository import Repository
from pipeline.shared import finished_once


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A repository after `dvc repro` of all stages; not to be changed."""
    return finished_once(tmp_path_factory)


@pytest.fixture
def copy(finished, tmp_path):
    """The finished repository with its cache, free to be changed."""
    shutil.copytree(finished.root, tmp_path / "repository", symlinks=True)
    return Repository(tmp_path / "repository")
