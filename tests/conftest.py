"""The repository, its parameters and its two published tables, read once per test run."""

import os
from pathlib import Path

import pytest

from churnlab.config import load_catalog, load_event_catalog, load_params
from churnlab.data.schema import read_table
from churnlab.data.sources import default_mirror


@pytest.fixture(scope="session")
def repo_root():
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def params(repo_root):
    return load_params(repo_root / "params.yaml")


@pytest.fixture(scope="session")
def telecom(repo_root):
    return load_catalog("telecom", repo_root)


@pytest.fixture(scope="session")
def bank(repo_root):
    return load_catalog("bank", repo_root)


@pytest.fixture(scope="session")
def olist(repo_root):
    return load_event_catalog("olist", repo_root)


@pytest.fixture(scope="session")
def telecom_table(repo_root, telecom):
    return read_table(repo_root / telecom.source.published_path, telecom)


@pytest.fixture(scope="session")
def bank_table(repo_root, bank):
    file = default_mirror(repo_root, os.environ) / "bank" / bank.source.file
    if not file.is_file():
        pytest.skip(f"the bank table is not in the mirror: {file}")
    return read_table(file, bank)
