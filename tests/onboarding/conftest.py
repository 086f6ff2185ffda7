import shutil
import subprocess

import pytest


@pytest.fixture
def repository(repo_root, tmp_path):
    """A Git repository with the project's parameters and catalogs, and nothing run."""
    root = tmp_path / "repository"
    shutil.copytree(repo_root / "data" / "catalog", root / "data" / "catalog")
    for name in ("params.yaml", ".gitignore"):
        shutil.copy(repo_root / name, root)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root
