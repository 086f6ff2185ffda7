"""One version of a champion, loaded from its bundle: a graph and plain JSON, never a pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from churnlab.deployments.bundles import GRAPH, WORDS, version_of
from churnlab.errors import ChurnlabError
from churnlab.serving.background import Background, draw_background
from churnlab.serving.reading_json import JsonReader
from churnlab.serving.rows import Rows
from churnlab.serving.schema import InputSchema, Unknown

REST = "low"
# Fewer rows are scored sooner than they are handed out.
ROWS_OF_A_THREAD = 200


@dataclass(frozen=True)
class Scores:
    """What a version says of rows, arrays of shape (rows,).

    Attributes:
        p: churn probabilities.
        low, high: interval of the churn rate among customers who are scored alike.
        churn: whether the probability reaches the threshold.
        group: risk groups.
    """

    p: np.ndarray
    low: np.ndarray
    high: np.ndarray
    churn: np.ndarray
    group: np.ndarray


@dataclass(frozen=True)
class ServedModel:
    """A version in service.

    Attributes:
        study: whose champion it is.
        version: the beginning of the hash of the bundle's manifest.
        schema: what it reads.
        card, rates, reference, words: the documents beside the graph.
        session: the running graph.
        threads: that score many rows together.
    """

    study: str
    version: str
    schema: InputSchema
    card: Mapping[str, Any]
    rates: Mapping[str, Any]
    reference: Mapping[str, Any]
    words: Mapping[str, Any]
    session: onnxruntime.InferenceSession
    threads: int = 1

    @classmethod
    def load(
        cls,
        study: str,
        folder: Path,
        tolerance: float = 0.0,
        unknown: Unknown = "refuse",
        threads: int = 1,
    ) -> ServedModel:
        """Return the version in a folder whose files are as the manifest states.

        Raises:
            ChurnlabError: a file is missing, altered, or no graph of the columns of the schema.
        """
        version = version_of(folder)
        card, rates, reference, schema, words = (
            json.loads((folder / name).read_bytes())
            for name in ("card.json", "rates.json", "reference.json", "schema.json", WORDS)
        )
        options = onnxruntime.SessionOptions()
        # Requests are answered in processes side by side; rows of a large one are shared out below,
        # since threads of ONNX Runtime's own cost small requests more than they save.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        try:
            session = onnxruntime.InferenceSession(
                (folder / GRAPH).read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ChurnlabError(f"{folder / GRAPH}: no graph that runs here: {error}") from None
        inputs = {entry.name for entry in session.get_inputs()}
        if inputs != set(schema["columns"]):
            odd = ", ".join(sorted(inputs ^ set(schema["columns"])))
            raise ChurnlabError(f"{folder}: the graph and schema.json differ in: {odd}")
        read = InputSchema.of(schema, tolerance, unknown)
        return cls(study, version, read, card, rates, reference, words, session, threads)

    @property
    def threshold(self) -> float:
        """The probability from which on a customer counts as leaving."""
        return float(self.card["threshold"])

    @property
    def data(self) -> str:
        """SHA-256 of the published data that the version was trained on."""
        return str(self.card["data_sha256"])

    @cached_property
    def json_reader(self) -> JsonReader:
        """The reader of JSON bodies of this version's columns."""
        return JsonReader(self.schema)

    @cached_property
    def background(self) -> Background:
        """What reasons are told against."""
        return draw_background(self.schema, self.reference)

    @cached_property
    def headers(self) -> dict[str, str]:
        """What every answer of this version bears."""
        return {
            "X-Model-Version": self.version,
            "X-Data-Hash": self.data,
            "X-Threshold": f"{self.threshold:.6g}",
        }

    def predict(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return churn probabilities, shape (rows,), of columns of shape (rows,)."""
        feed = {name: values[name].reshape(-1, 1) for name in self.schema.columns}
        rows = len(next(iter(feed.values())))
        parts = min(self.threads, rows // ROWS_OF_A_THREAD)
        if parts < 2:
            return self._run(feed)
        bounds = np.linspace(0, rows, parts + 1, dtype=int).tolist()
        shares = [
            {name: column[first:end] for name, column in feed.items()}
            for first, end in pairwise(bounds)
        ]
        return np.concatenate(list(self._pool.map(self._run, shares)))

    def _run(self, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.asarray(self.session.run(None, feed)[0][:, 0], dtype=np.float64)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.threads, "scoring")

    def score(self, rows: Rows) -> Scores:
        """Return probabilities with what they mean."""
        p = self.predict(rows.values)
        low, high = self.interval(p)
        return Scores(p, low, high, p >= self.threshold, self.group(p))

    def interval(self, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return bounds of the churn rate of customers scored alike, widened to hold `p`."""
        grid, low, high = self._rates
        return np.minimum(np.interp(p, grid, low), p), np.maximum(np.interp(p, grid, high), p)

    @cached_property
    def _rates(self) -> list[np.ndarray]:
        return [np.array(self.rates[name], dtype=np.float64) for name in ("p", "low", "high")]

    def group(self, p: np.ndarray) -> np.ndarray:
        """Return the risk group of each score: the highest whose lowest probability it reaches."""
        # The file has them by name.
        groups = sorted(self.words["groups"].items(), key=lambda group: -group[1])
        reached = [p >= lowest for _, lowest in groups]
        return np.select(reached, [name for name, _ in groups], default=REST).astype(object)
