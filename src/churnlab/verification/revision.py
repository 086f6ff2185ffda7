"""Revisions as Git names them, and a clean checkout of one."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from churnlab.config.validation import suggestion
from churnlab.errors import ChurnlabError

# Set where a hook or an alias of Git calls; they would point every command at that repository.
HOOK_VARIABLES = ("GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE")
# Experiments are kept below the commit that they start from; DVC keeps more there than experiments.
NAME = re.compile(r"refs/(?:heads|tags|exps/[0-9a-f]{2}/[0-9a-f]{38})/(.+)")


def git(folder: Path, *arguments: str) -> str:
    """Return what Git prints in `folder`.

    Raises:
        ChurnlabError: Git is not installed or fails; the message is Git's.
    """
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=without_hooks(os.environ),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise ChurnlabError("git: there is no such command; install Git and try again") from error
    if done.returncode:
        raise ChurnlabError(f"git {' '.join(arguments)} in {folder}: {done.stderr.strip()}")
    return done.stdout


def without_hooks(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without those by which Git hooks name their repository."""
    return {name: value for name, value in variables.items() if name not in HOOK_VARIABLES}


def resolve(root: Path, revision: str) -> str:
    """Return the commit that a branch, tag, hash or name of a DVC experiment stands for.

    Raises:
        ChurnlabError: there is no such revision, or `root` is no Git repository.
    """
    git(root, "rev-parse", "--git-dir")
    names = _references(root)
    for candidate in (revision, *(ref for name, ref in names if name == revision)):
        try:
            commit = f"{candidate}^{{commit}}"
            return git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", commit).strip()
        except ChurnlabError:
            continue
    raise ChurnlabError(
        f"revision '{revision}': {root} has no such branch, tag, commit or experiment; "
        f"{suggestion(revision, dict.fromkeys(['HEAD', *(name for name, _ in names)]))}"
    )


def uncommitted(root: Path) -> list[str]:
    """Return the files of the working tree that are not as in HEAD."""
    return [line[3:] for line in git(root, "status", "--porcelain").splitlines()]


@contextmanager
def clean_checkout(root: Path, commit: str) -> Iterator[Path]:
    """Yield a temporary checkout of one commit, with an empty DVC cache; it is removed at the end.

    Raises:
        ChurnlabError: the commit cannot be checked out.
    """
    with tempfile.TemporaryDirectory(prefix="churnlab-verify-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "repository"
        folder.mkdir()
        git(folder, "init", "--quiet")
        git(folder, "fetch", "--quiet", "--depth=1", root.as_uri(), commit)
        git(folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", "FETCH_HEAD")
        _keep_cache_inside(folder)
        yield folder


def _keep_cache_inside(folder: Path) -> None:
    """Hold DVC to a cache of this checkout, whatever the user or the revision has configured."""
    if not (folder / ".dvc").is_dir():
        raise ChurnlabError("the revision has no .dvc folder, so there is no pipeline to run")
    config = f"[cache]\n    dir = {folder / '.dvc' / 'cache'}\n"
    (folder / ".dvc" / "config.local").write_text(config, encoding="utf-8")


def _references(root: Path) -> list[tuple[str, str]]:
    """Return the short name and the full name of every branch, tag and DVC experiment."""
    listed = git(
        root, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags", "refs/exps"
    )
    named = [(NAME.fullmatch(reference), reference) for reference in listed.split()]
    return [(match.group(1), reference) for match, reference in named if match]
