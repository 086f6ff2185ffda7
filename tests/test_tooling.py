"""The files around the code agree with each other: locks, environments, CI, Makefile, DVC."""

from __future__ import annotations

import configparser
import os
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-mlflow.txt",
    "requirements-serve.txt",
    "requirements-spark.txt",
)
# Paths that exist on one machine only, credentials, and what a merge leaves behind.
FORBIDDEN = re.compile(
    r"(?<![\w.:/}-])/(?:work|tmp|root|home/[a-z]\w*|Users/[A-Za-z]\w*)/"
    r"|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|^(?:<{7}|>{7}) ",
    re.MULTILINE,
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def run(*command: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def git(*arguments: str) -> str:
    result = run("git", *arguments)
    if result.returncode:
        pytest.skip(f"not a Git checkout: {result.stderr.strip()}")
    return result.stdout


def locked(name: str) -> dict[tuple[str, str], tuple[str, int]]:
    """Return (package, marker) -> (version, number of hashes) of a lock file."""
    entries = {}
    for block in re.split(r"\n(?=[a-z0-9])", read(name), flags=re.IGNORECASE)[1:]:
        requirement = Requirement(re.split(r"\\?\n", block)[0].rstrip(" \\"))
        (pin,) = requirement.specifier
        assert pin.operator == "==", requirement
        key = (canonicalize_name(requirement.name), str(requirement.marker))
        entries[key] = (pin.version, block.count("--hash=sha256:"))
    return entries


def executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


# --- what is installed -------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    entries = locked(name)
    assert len(entries) > 20
    assert [key for key, (_, hashes) in entries.items() if hashes == 0] == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_the_command_that_writes_it(name: str) -> None:
    assert read(name).splitlines()[1].strip("# ") == "make lock"


@pytest.mark.parametrize("larger", ["requirements-dev.txt", "requirements-spark.txt"])
def test_the_locks_hold_the_same_versions(larger: str) -> None:
    plain = locked(LOCKS[0])
    versions = {key[0]: pin[0] for key, pin in locked(larger).items()}
    assert {key[0]: pin[0] for key, pin in plain.items()}.items() <= versions.items()


def test_the_server_of_runs_has_the_versions_that_are_tested_with_it() -> None:
    server = {(key[0], pin[0]) for key, pin in locked("requirements-mlflow.txt").items()}
    # One package may be there in two versions, for Windows and for others.
    tested = {(key[0], pin[0]) for key, pin in locked("requirements-dev.txt").items()}
    assert server <= tested
    assert {"mlflow", "psycopg-binary"} <= {name for name, _ in server}


def test_the_service_runs_on_tested_versions_and_on_nothing_that_trains() -> None:
    served = {key[0]: pin[0] for key, pin in locked("requirements-serve.txt").items()}
    tested = {key[0]: pin[0] for key, pin in locked("requirements-dev.txt").items()}
    assert served.items() <= tested.items()
    assert not {"scikit-learn", "tensorflow-cpu", "xgboost-cpu", "pandas", "dvc"} & set(served)


def dev_extras(extras: dict[str, list[str]]) -> list[str]:
    """Return the extras that belong to development; `spark` is installed by who runs Spark."""
    (own,) = [r for r in map(Requirement, extras["dev"]) if r.name == "churnlab"]
    return ["dev", *sorted(own.extras)]


def test_locks_hold_every_dependency_at_a_version_it_allows() -> None:
    settings = tomllib.loads(read("pyproject.toml"))
    project, groups = settings["project"], settings["dependency-groups"]
    extras = project["optional-dependencies"]
    wanted = {
        "requirements.txt": project["dependencies"],
        "requirements-dev.txt": [
            *project["dependencies"],
            *(r for e in dev_extras(extras) for r in extras[e]),
            *groups["serve"],
        ],
        "requirements-mlflow.txt": groups["mlflow"],
        "requirements-serve.txt": groups["serve"],
        "requirements-spark.txt": [*project["dependencies"], *extras["spark"]],
    }
    for name, requirements in wanted.items():
        versions = {key[0]: pin[0] for key, pin in locked(name).items()}
        for requirement in map(Requirement, requirements):
            if canonicalize_name(requirement.name) != project["name"]:
                version = versions.get(canonicalize_name(requirement.name), "none")
                assert requirement.specifier.contains(version), f"{name}: {requirement}, {version}"


def test_conda_environment_installs_the_lock_and_nothing_else() -> None:
    *packages, through_pip = yaml.safe_load(read("environment.yml"))["dependencies"]
    assert through_pip == {"pip": ["--require-hashes", "-r requirements.txt"]}
    # No second pin: dvc and all others have the lock's versions.
    assert [name for name in packages if "=" in name] == ["python=3.11"]


def test_one_python_and_one_uv_version_everywhere() -> None:
    requires = tomllib.loads(read("pyproject.toml"))["project"]["requires-python"]
    docker = "".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("Dockerfile*")))
    makefile = read("Makefile")
    pythons = {
        *re.findall(r"^FROM python:(\d+\.\d+)", docker, re.MULTILINE),
        *re.findall(r"python=(\d+\.\d+)", read("environment.yml")),
        *re.findall(r"--python-version (\d+\.\d+)", makefile),
    }
    assert len(pythons) == 1
    assert pythons.pop() in SpecifierSet(requires)
    (in_makefile,) = re.findall(r"^UV_VERSION := (\S+)", makefile, re.MULTILINE)
    assert set(re.findall(r"^ARG UV_VERSION=(\S+)", docker, re.MULTILINE)) == {in_makefile}


# --- what is in Git ----------------------------------------------------------------------------


def test_text_files_have_lf_on_every_system() -> None:
    names = ["dvc.yaml", "dvc.lock", "params.yaml", "src/churnlab/__init__.py", "data/x.csv"]
    attributes = git("check-attr", "eol", "--", *names).splitlines()
    assert attributes == [f"{name}: eol: lf" for name in names]
    endings = [line.split()[:2] for line in git("ls-files", "--eol").splitlines()]
    assert not [pair for pair in endings if {"i/crlf", "i/mixed", "w/crlf", "w/mixed"} & set(pair)]


def test_no_file_holds_a_machine_path_or_a_credential() -> None:
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    found = []
    for path in (ROOT / name for name in names if name):
        if path.is_file() and (match := FORBIDDEN.search(path.read_text(errors="replace"))):
            found.append(f"{path.relative_to(ROOT)}: {match.group()}")
    assert found == []


def test_dvc_calls_nobody_and_its_cache_is_safe_from_edits() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / ".dvc" / "config")
    assert {"analytics": "false", "check_update": "false"}.items() <= dict(config["core"]).items()
    # A hard link would let an edit of a workspace file change the cached bytes.
    assert "link" not in config["cache"]["type"].replace("reflink", "")


# --- continuous integration --------------------------------------------------------------------


def workflows() -> dict[str, dict]:
    return {p.name: yaml.safe_load(p.read_text()) for p in ROOT.glob(".github/workflows/*.yml")}


def test_workflow_runs_what_the_local_check_runs() -> None:
    steps = workflows()["ci.yml"]["jobs"]["test"]["steps"]
    checks = [step["run"] for step in steps if "run" in step and step.get("id") != "results"]
    assert checks == ["bash .ci/run"]
    assert re.findall(r"\bmake\b.*", read(".ci/run"))[-1] == (
        "make --no-print-directory test </dev/null"
    )


def test_workflows_pin_actions_and_hold_few_rights() -> None:
    for name, workflow in workflows().items():
        assert workflow["permissions"] == {}, name
        assert "pull_request_target" not in workflow[True], name
        for job in workflow["jobs"].values():
            assert job["timeout-minutes"] <= 60
            for step in job["steps"]:
                assert "uses" not in step or re.search(r"@[0-9a-f]{40}$", step["uses"]), step


def test_workflow_tables_come_from_targets_that_exist() -> None:
    text = "\n".join(
        step.get("run", "")
        for workflow in workflows().values()
        for job in workflow["jobs"].values()
        for step in job["steps"]
    )
    for call in re.findall(r"^make (.*)", text, re.MULTILINE):
        arguments = call.split(">")[0].split()
        planned = run("make", "--dry-run", *arguments)
        assert planned.returncode == 0, planned.stderr


def test_check_runs_cheap_steps_first_and_notebooks_on_fresh_outputs() -> None:
    planned = run("make", "--dry-run", "test", "CI_STUDIES=telecom bank").stdout
    steps = [
        "ruff check",
        "mypy",
        "lint-imports",
        "not slow",
        "churnlab verify",
        '"slow or',
        "nbmake",
    ]
    positions = [planned.index(step) for step in steps]
    assert positions == sorted(positions)
    assert "telecom bank" in planned


def test_help_lists_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)", read("Makefile").replace("\\\n", " "), re.MULTILINE)
    shown = re.findall(r"^  ([a-z-]+) ", run("make", "help").stdout, re.MULTILINE)
    assert sorted(shown) == sorted(phony.split())


@pytest.mark.parametrize("found", ["", "7"])
def test_review_comment_is_edited_when_it_exists(tmp_path: Path, found: str) -> None:
    executable(
        tmp_path / "gh",
        f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\ncase "$*" in *--jq*) echo "{found}";; esac\n',
    )
    body = tmp_path / "body.md"
    body.write_text("<!-- mark -->\ntext\n")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert run("sh", ".ci/comment", str(body), "o/r", "3", PATH=path).returncode == 0
    search, write = (tmp_path / "calls").read_text().splitlines()
    assert "<!-- mark -->" in search
    target = "PATCH repos/o/r/issues/comments/7" if found else "POST repos/o/r/issues/3/comments"
    assert f"--method {target} --field body=@{body}" in write


@pytest.mark.parametrize(("version", "fits"), [("3.10", False), ("3.12", True), ("3.14", False)])
def test_interpreter_of_another_version_is_refused_by_name(
    tmp_path: Path, version: str, fits: bool
) -> None:
    major, minor = version.split(".")
    fake = executable(
        tmp_path / f"python{version}",
        f'#!/bin/sh\nexec "{sys.executable}" -c '
        f'"import sys; sys.version_info = ({major}, {minor}, 0); $2"\n',
    )
    chosen = run("sh", ".ci/choose-python", str(fake))
    assert (chosen.returncode == 0) is fits
    if not fits:
        assert f"{fake} cannot be used: Python {version}" in chosen.stderr
        assert "make PYTHON=" in chosen.stderr
