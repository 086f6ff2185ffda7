"""The same versions as tags in Git, in the form of GTO: `telecom@v2.0.0`, `telecom#prod#3`."""

from __future__ import annotations

import logging.config
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from churnlab.errors import ChurnlabError
from churnlab.registry.git import git

STAGE = "prod"


def mark(root: Path, study: str, number: int, commit: str, by: str, why: str) -> list[str]:
    """Tag the commit of a version, and that it is in production now; return the new tags.

    MLflow's version 2 is `v2.0.0`, since GTO counts in three parts. Tags that are there stay, those
    of other artefacts are not looked at.

    Raises:
        ChurnlabError: GTO is not installed, there is no repository, it lacks the commit, or the tag
            names another commit.
    """
    try:
        with _logging_untouched():
            import gto.api
            from gto.exceptions import GTOException
    except ImportError as error:
        raise ChurnlabError(f"{error}; `pip install 'churnlab[registry]'`") from error
    check_commit(root, commit)
    version, made = f"v{number}.0.0", []
    author = {"author": by, "author_email": _email(root, by)}
    try:
        known = existing(root, f"{study}@{version}")
        if known is None:
            tag = gto.api.register(str(root), study, commit, version=version, message=why, **author)
            made.append(str(tag.tag))
        elif known != commit:
            raise ChurnlabError(
                f"the tag {study}@{version} names {known[:8]}, but the version was made by "
                f"{commit[:8]}; another registry counted here before: delete the tag, or leave it"
            )
        if in_production(root, study) != commit:
            tag = gto.api.assign(
                str(root), study, STAGE, version=version, message=why, force=True, **author
            )
            made.append(str(tag.tag))
    except GTOException as error:
        raise ChurnlabError(f"Git tags: {error}") from error
    return made


def check_commit(root: Path, commit: str) -> None:
    """Raise where the repository at `root` lacks a commit.

    Raises:
        ChurnlabError: there is no repository, or no such commit in it.
    """
    try:
        git(root, "cat-file", "-e", f"{commit}^{{commit}}")
    except ChurnlabError as error:
        raise ChurnlabError(
            f"{root}: Git has no commit {commit[:8]} here, which made the version; `git fetch` it, "
            "or work in a clone of its repository"
        ) from error


def existing(root: Path, tag: str) -> str | None:
    """Return the commit that a tag names; None where there is no such tag."""
    if not git(root, "tag", "--list", tag):
        return None
    return git(root, "rev-list", "-n", "1", tag)


def in_production(root: Path, study: str) -> str | None:
    """Return the commit that the latest of the tags `telecom#prod#3` names, by their number.

    GTO goes by the time of a tag, which two changes within a second share.
    """
    form = re.compile(rf"{re.escape(study)}#{STAGE}(!?)#(\d+)")
    found = [form.fullmatch(tag) for tag in git(root, "tag", "--list", f"{study}#*").splitlines()]
    counted = {int(match[2]): match for match in found if match}
    if not counted or counted[max(counted)][1]:  # none, or taken out of production
        return None
    return existing(root, counted[max(counted)][0])


@contextmanager
def _logging_untouched() -> Iterator[None]:
    """Keep an import from configuring the logging of the process.

    GTO's does (`gto.log`), which closes every handler there is, and with absl's, that TensorFlow
    brings, the stream under it.
    """
    configure = logging.config.dictConfig
    logging.config.dictConfig = lambda config: None
    try:
        yield
    finally:
        logging.config.dictConfig = configure


def _email(root: Path, by: str) -> str:
    try:
        return git(root, "config", "user.email")
    except ChurnlabError:
        return f"{by}@localhost"
