"""One judged study, built once per test run."""

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
