"""One judged study, built once per test run."""

import os
import subprocess
import sys

import pytest

from churnlab.reporting.gallery import Gallery
from churnlab.reporting.results import StudyResults
from reporting import study


@pytest.fixture(scope="session")
def study_root(repo_root, tmp_path_factory):
    return study.build(repo_root, tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="session")
def results(study_root):
    return StudyResults.load(study.STUDY, study_root)


@pytest.fixture(scope="session")
def gallery(results):
    return Gallery(results)


@pytest.fixture(scope="session")
def drawn(gallery):
    """Return every picture by name, drawn once."""
    return dict(gallery)


@pytest.fixture
def fresh_python(repo_root):
    """Return a function that runs code in another process and returns what it prints."""

    def run(code, cwd=None, **environment):
        found = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(repo_root / "src"), **environment},
            capture_output=True,
            check=True,
            text=True,
            cwd=cwd,
        )
        return found.stdout

    return run
