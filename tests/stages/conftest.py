import shutil

import pytest

from stages.studies import make_repository, stage


@pytest.fixture(scope="session")
def prepared_repository(tmp_path_factory):
    """A repository whose two studies are ingested and prepared."""
    root = make_repository(tmp_path_factory.mktemp("stages") / "repository", link_code=True)
    for study in ("telecom", "bank"):
        for name in ("ingest", "prepare"):
            done = stage(root, name, study)
            assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def repository(prepared_repository, tmp_path):
    """A copy of it that a test may spoil."""
    root = tmp_path / "repository"
    shutil.copytree(prepared_repository, root, symlinks=True)
    return root
