"""Seconds of single requests, one after the other over one connection."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from benchmarks.serving.services import Running

WARM = 20


def ask(service: Running, body: bytes, times: int, headers: Mapping[str, str]) -> np.ndarray:
    """Return the seconds of each request, shape (times,), after some that warm up."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    seconds = []
    for turn in range(times + WARM):
        began = time.perf_counter()
        connection.request("POST", service.path, body, {**service.headers, **headers})
        answer = connection.getresponse()
        content = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{service.name}: {answer.status} {content[:300]!r}")
        if turn >= WARM:
            seconds.append(took)
    connection.close()
    return np.array(seconds)


def answer_of(service: Running, body: bytes) -> bytes:
    """Return the answer to one request."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request("POST", service.path, body, service.headers)
    return connection.getresponse().read()


def bare(graph: Path, values: Mapping[str, np.ndarray], times: int) -> np.ndarray:
    """Return the seconds of ONNX Runtime alone, shape (times,)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(graph), options)
    feed = {name: column.reshape(-1, 1) for name, column in values.items()}
    return timed(lambda: session.run(None, feed), times)


def timed(work: Callable[[], object], times: int) -> np.ndarray:
    """Return the seconds of some work, shape (times,), after some that warms up."""
    seconds = []
    for _ in range(times + WARM):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return np.array(seconds[WARM:])
