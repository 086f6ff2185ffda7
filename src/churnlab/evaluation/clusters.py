"""Rows of the same customer at several times: they are not independent, so they move together.

The id of such a row is `customer@date`, with the date as 2018-05-01.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from churnlab.evaluation.resampling import BATCH

PLACED = re.compile(r"(.+)@(\d{4}-\d{2}-\d{2})")


class Place(NamedTuple):
    """Whom each row is about and when: numbers of entities and ISO dates, shape (rows,) each."""

    entity: np.ndarray
    time: np.ndarray


def places(ids: np.ndarray) -> Place | None:
    """Return entity and time of each row, or None where rows are customers, each there once.

    Args:
        ids: of the rows, shape (rows,).
    """
    found = [PLACED.fullmatch(value) if isinstance(value, str) else None for value in ids]
    matches = [match for match in found if match]
    if not matches or len(matches) < len(found):
        return None
    _, entity = np.unique([match[1] for match in matches], return_inverse=True)
    return Place(entity, np.array([match[2] for match in matches]))


def cluster_counts(entity: np.ndarray, samples: int, seed: int) -> np.ndarray:
    """Return how often each row is drawn in each resample, shape (samples, rows).

    Whole entities are drawn with replacement, as many as there are (Davison & Hinkley, 1997,
    section 3.8): the rows of one come and go together.

    Args:
        entity: number of each row's entity, 0 to entities - 1, shape (rows,).
        samples: number of resamples.
        seed: the only source of randomness.
    """
    entities = int(entity.max()) + 1
    generator = np.random.default_rng(seed)
    counts = np.zeros((samples, len(entity)), dtype=np.uint16)
    for start in range(0, samples, BATCH):
        size = min(BATCH, samples - start)
        drawn = generator.integers(entities, size=(size, entities), dtype=np.int64)
        drawn += np.arange(size)[:, None] * entities
        per_entity = np.bincount(drawn.ravel(), minlength=size * entities).reshape(size, entities)
        counts[start : start + size] = per_entity[:, entity]
    return counts
