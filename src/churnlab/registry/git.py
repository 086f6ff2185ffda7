"""What Git knows of a release: the commit, and whether the files are that commit's."""

from __future__ import annotations

import subprocess
from pathlib import Path

from churnlab.errors import ChurnlabError


def git(root: Path, *arguments: str, text: str | None = None) -> str:
    """Return what a Git command prints in the repository at `root`.

    Raises:
        ChurnlabError: Git is not installed, or ends with a fault.
    """
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, input=text)
    except FileNotFoundError as error:
        raise ChurnlabError("git: there is no such program here; install Git") from error
    if done.returncode:
        raise ChurnlabError(f"git {arguments[0]}: {done.stderr.strip() or 'it failed'}")
    return done.stdout.rstrip("\n")


def head(root: Path) -> str:
    """Return the commit that is checked out.

    Raises:
        ChurnlabError: there is no Git repository, or no commit in it.
    """
    try:
        return git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except ChurnlabError as error:
        raise ChurnlabError(
            f"{root}: there is no commit of Git here, and a published version is named by the "
            "commit that made it; work in a clone of the repository, or `git init` and commit"
        ) from error


def clean_head(root: Path) -> str:
    """Return the commit that is checked out, if the tracked files are its own.

    Raises:
        ChurnlabError: there is no commit, or files differ from it.
    """
    commit = head(root)
    if changed := changes(root):
        names = ", ".join(line[3:] for line in changes(root)[:5])
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise ChurnlabError(
            f"{root}: files differ from the commit {commit[:8]}: {names}{more}; commit or "
            "`git stash` them first, so that the version can be made again from its commit"
        )
    return commit


def changes(root: Path) -> list[str]:
    """Return the tracked files that differ from the commit, as `git status --porcelain` lists."""
    return git(root, "status", "--porcelain", "--untracked-files=no").splitlines()
