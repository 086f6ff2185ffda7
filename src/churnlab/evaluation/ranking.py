"""Rows ranked by score once, so that thousands of reweightings of them cost only sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.errors import ChurnlabError


def checked(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and probabilities as float arrays of shape (n,).

    Raises:
        ChurnlabError: if lengths differ, there is no row, a label is not 0 or 1, or a
            probability is missing or outside [0, 1].
    """
    labels = np.asarray(y, dtype=np.float64)
    scores = np.asarray(p, dtype=np.float64)
    if labels.shape != scores.shape or labels.ndim != 1 or not labels.size:
        raise ChurnlabError(
            f"Labels have shape {labels.shape} and probabilities {scores.shape}; "
            "both must be one column of the same, positive length."
        )
    strange = labels[(labels != 0) & (labels != 1)]
    if strange.size:
        raise ChurnlabError(
            f"A label is {strange[0]:g}; labels must be 0 (stayed) or 1 (churned). "
            "Check the column `y` of the predictions."
        )
    outside = scores[~((scores >= 0) & (scores <= 1))]
    if outside.size:
        raise ChurnlabError(
            f"A probability is {outside[0]:g}; {outside.size} of {scores.size} lie outside [0, 1]. "
            "Check the column `p` of the predictions."
        )
    return labels, scores


def both_classes(y: np.ndarray) -> None:
    """Raise `ChurnlabError` unless the labels hold at least one 0 and one 1."""
    positives = int(np.sum(y))
    if positives in (0, len(y)):
        raise ChurnlabError(
            f"All {len(y)} labels are {int(positives > 0)}; ranking metrics need both classes. "
            "Use a larger part or stratified folds."
        )


@dataclass(frozen=True)
class Ranking:
    """Rows in descending order of score.

    Attributes:
        order: positions of the rows in the original order, shape (n,).
        y: labels in ranked order, shape (n,).
        starts, ends: first and last ranked position of each distinct score, shape (distinct,).
        scores: the distinct scores, descending, shape (distinct,).
    """

    order: np.ndarray
    y: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, p: np.ndarray) -> Ranking:
        """Rank checked labels and scores."""
        order = np.argsort(-p, kind="stable")
        ranked = p[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        ends = np.r_[starts[1:] - 1, len(ranked) - 1]
        return cls(order, y[order], starts, ends, ranked[starts])

    def cumulated(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return weighted churners and stayers at or above each distinct score.

        Args:
            weights: how often each row counts, in the original order, shape (resamples, n).

        Returns:
            True and false positive counts, both of shape (resamples, distinct).
        """
        ranked = weights[:, self.order].astype(np.float64, copy=False)
        everyone = np.cumsum(ranked, axis=1)
        churners = np.cumsum(ranked * self.y, axis=1)
        if len(self.ends) < len(self.order):
            everyone, churners = everyone[:, self.ends], churners[:, self.ends]
        return churners, everyone - churners
