"""What is published: the exported bundle of a commit, with everything that speaks for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churnlab.champions.bundle import BundledModel
from churnlab.config import load_params
from churnlab.errors import ChurnlabError
from churnlab.registry.dvc_hashes import LOCK, check_bundle, locked_stages, outputs
from churnlab.registry.git import clean_head
from churnlab.registry.words import words
from churnlab.review.evidence import Evidence, load_evidence
from churnlab.review.revisions import WORKSPACE, Revision
from churnlab.stages.context import StudyContext


@dataclass(frozen=True)
class Release:
    """A bundle and its origin.

    Attributes:
        context: the study, as the commit has it.
        model: the bundle.
        commit: of Git, that made it.
        hashes: MD5 of every output of the study, by path.
        parity: largest difference between bundle and trained pipeline, in probability.
        evidence: predictions of the champion, with ids.
    """

    context: StudyContext
    model: BundledModel
    commit: str
    hashes: dict[str, str]
    parity: float
    evidence: Evidence

    @property
    def study(self) -> str:
        """The name of the study."""
        return self.context.study

    @property
    def version(self) -> str:
        """The beginning of the hash of the bundle's manifest."""
        return self.model.version

    @property
    def card(self) -> dict[str, Any]:
        """The card inside the bundle."""
        return dict(self.model.document("card"))

    def words(self, commit: str) -> dict[str, Any]:
        """Return what people read of it; `commit` is the one that published it first."""
        return words(self.context, self.model, commit)


def load_release(root: Path, study: str) -> Release:
    """Return the exported bundle of a study, if it is the one of the commit that is checked out.

    Raises:
        ChurnlabError: there is no Git repository, files differ from its commit, or the bundle is
            missing, altered or of another run.
    """
    context = StudyContext.load(root, study, load_params(root / "params.yaml"))
    commit = clean_head(root)
    model = BundledModel.load(context.paths.bundle_dir)
    lock = root / LOCK
    if not lock.is_file():
        raise ChurnlabError(f"{lock}: there is no such file; run `dvc repro export@{study}`")
    hashes = outputs(locked_stages(lock.read_text(encoding="utf-8"), study))
    check_bundle(root, model.directory, study, hashes)
    parity = json.loads(context.paths.metrics("export").read_text(encoding="utf-8"))
    return Release(
        context,
        model,
        commit,
        hashes,
        float(parity["largest_difference"]),
        load_evidence(Revision(root, WORKSPACE), study, None),
    )
