"""The service as it is installed: a fresh environment with its lock and the package's wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from serving.server import keys_of
from serving.shop import deploy
from stages.studies import REPOSITORY

BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "requirements.txt")


@dataclass(frozen=True)
class Environment:
    """An environment of its own, which knows nothing of the one that runs the tests."""

    root: Path

    @property
    def python(self) -> Path:
        return self.root / "bin" / "python"

    @property
    def churnlab(self) -> Path:
        return self.root / "bin" / "churnlab"

    @property
    def packages(self) -> Path:
        (found,) = self.root.glob("lib/python3*/site-packages")
        return found


def uv(*arguments, cwd=REPOSITORY) -> str:
    binary = Path(sys.executable).with_name("uv")
    if not binary.is_file():
        pytest.skip(f"there is no uv in {binary.parent}; `make env-dev` installs it")
    done = subprocess.run(
        [str(binary), *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The package, built as Dockerfile.serve builds it: from the sources alone."""
    sources = tmp_path_factory.mktemp("sources")
    for name in BUILT_FROM:
        shutil.copy(REPOSITORY / name, sources / name)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(REPOSITORY / "src", sources / "src", ignore=ignored)
    locked = ("--require-build-hashes", "--build-constraints", "requirements.txt")
    uv("build", "--wheel", "--python", sys.executable, *locked, "--out-dir", "dist", cwd=sources)
    (built,) = sources.glob("dist/*.whl")
    return built


@pytest.fixture(scope="session")
def serving_environment(wheel, tmp_path_factory):
    """An environment with requirements-serve.txt and the package."""
    environment = Environment(tmp_path_factory.mktemp("serving") / "venv")
    uv("venv", "--python", sys.executable, environment.root)
    install = ("pip", "install", "--python", environment.python, "--compile-bytecode")
    uv(*install, "--require-hashes", "-r", "requirements-serve.txt")
    uv(*install, "--no-deps", wheel)
    return environment


@pytest.fixture
def shop(tmp_path):
    """A folder with a version of the shop in service, and a key of every role."""
    home = tmp_path / "home"
    deploy(home, tmp_path / "export")
    return home, keys_of(home)
