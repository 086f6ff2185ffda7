"""Measure the service beside `mlflow models serve` and a plain FastAPI service.

The same forest of 100 trees answers in all three, which must give the same probabilities. Latencies
are of one caller on one connection; load is of 500 users by Locust. Needs the telecom study
(`dvc repro prepare@telecom`) and a machine without other work.

    python benchmarks/serving/run.py

Writes docs/benchmarks/serving.md and docs/benchmarks/serving.json.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import logging
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.serving import latency, services  # noqa: E402
from benchmarks.serving.forest import Forest, deploy, fit, write_joblib, write_mlflow  # noqa: E402
from churnlab.deployments import Deployments  # noqa: E402
from churnlab.serialization import write_json, write_text  # noqa: E402
from churnlab.serving.keys import Keys  # noqa: E402
from churnlab.serving.model import ServedModel  # noqa: E402

log = logging.getLogger("benchmarks.serving")
OUTPUT = ROOT / "docs" / "benchmarks" / "serving.md"
ARROW = "application/vnd.apache.arrow.stream"
SIZES = {"1 row": 1, "1,000 rows": 1000}
BATCH = 10_000
# The graph computes in float32, as the forest splits.
TOLERANCE = 1e-5
Start = Callable[[int], AbstractContextManager[services.Running]]


def main() -> None:
    """Measure and write the page."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments = _parser().parse_args()
    forest = fit(ROOT)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        starts = prepare(forest, folder)
        found: dict[str, Any] = {"machine": machine(), "users": arguments.users}
        found["latency"] = latencies(forest, starts, arguments.times)
        found["bare"] = bare(forest, folder, arguments.times)
        times = max(arguments.times // 20, 5)
        found["arrow"] = arrow(forest, starts["churnlab"], folder, times)
        found["load"] = {
            name: load(forest, name, start, folder, arguments) for name, start in starts.items()
        }
    write_json(OUTPUT.with_suffix(".json"), found, digits=6)
    write_text(OUTPUT, page(found, arguments))


def prepare(forest: Forest, folder: Path) -> dict[str, Start]:
    """Write the model in its three forms, and return how each service is started."""
    home = folder / "home"
    deploy(forest, home, folder / "export")
    write_joblib(forest, folder / "model.joblib")
    write_mlflow(forest, folder / "mlflow")
    _, key = Keys(home / "keys.db").create("benchmark", "scorer")
    return {
        "churnlab": lambda workers: services.churnlab(home, key, workers),
        "plain": lambda workers: services.plain(folder / "model.joblib", workers),
        "mlflow": lambda workers: services.mlflow(folder / "mlflow", workers),
    }


def latencies(forest: Forest, starts: dict[str, Start], times: int) -> dict[str, Any]:
    """Return median and 99th percentile in milliseconds of every service and size."""
    found: dict[str, Any] = {}
    asked = forest.values(200)
    expected: np.ndarray | None = None
    for name, start in starts.items():
        with start(1) as service:
            told = service.probabilities(latency.answer_of(service, service.body(asked)))
            expected = np.array(told) if expected is None else expected
            if np.max(np.abs(np.array(told) - expected)) > TOLERANCE:
                raise RuntimeError(f"{name} gives other probabilities")
            for size, rows in SIZES.items():
                body = service.body(forest.values(rows))
                found.setdefault(size, {})[name] = quantiles(latency.ask(service, body, times, {}))
                log.info("%s, %s: %s", name, size, found[size][name])
    return found


def deployed(folder: Path) -> Path:
    """Return the bundle that the service loads."""
    deployments = Deployments(folder / "home" / "deployments")
    (version,) = deployments.versions("telecom")
    return deployments.bundle("telecom", version)


def bare(forest: Forest, folder: Path, times: int) -> dict[str, Any]:
    """Return the same of ONNX Runtime alone."""
    graph = deployed(folder) / "model.onnx"
    found = {}
    for size, rows in SIZES.items():
        drawn = forest.rows.sample(rows, random_state=0)
        values = {name: drawn[name].to_numpy() for name in forest.columns}
        found[size] = quantiles(latency.bare(graph, values, times))
    return found


def arrow(forest: Forest, start: Start, folder: Path, times: int) -> dict[str, Any]:
    """Return the same of a large batch as JSON and as Arrow, and of its scoring alone."""
    rows = forest.values(BATCH)
    table = pa.Table.from_pylist(rows)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    with start(1) as service:
        as_json = latency.ask(service, service.body(rows), times, {})
        body = sink.getvalue().to_pybytes()
        as_arrow = latency.ask(service, body, times, {"Content-Type": ARROW})
    model = ServedModel.load("telecom", deployed(folder), threads=os.cpu_count() or 1)
    values = {name: table[name].to_numpy() for name in forest.columns}
    scoring = latency.timed(lambda: model.predict(values), times)
    parts = {"json": as_json, "arrow": as_arrow, "scoring": scoring}
    return {name: quantiles(seconds) for name, seconds in parts.items()}


def load(
    forest: Forest, name: str, start: Start, folder: Path, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Return what Locust says of a service on two processes."""
    with start(2) as service:
        asked = folder / "load.json"
        asked.write_text(
            json.dumps(
                {
                    "host": f"http://127.0.0.1:{service.port}",
                    "path": service.path,
                    "headers": service.headers,
                    "one": service.body(forest.values(1)).decode(),
                    "hundred": service.body(forest.values(100)).decode(),
                }
            )
        )
        command = [
            sys.executable,
            "-m",
            "locust",
            "-f",
            str(Path(__file__).parent / "locustfile.py"),
        ]
        users = ["-u", str(arguments.users), "-r", "50", "-t", f"{arguments.seconds}s"]
        done = subprocess.run(
            [*command, "--headless", *users, "--csv", str(folder / name), "--only-summary"],
            env={**os.environ, "SERVING_LOAD": str(asked)},
            capture_output=True,
            text=True,
            check=False,
        )
    text = (folder / f"{name}_stats.csv").read_text()
    if not text:
        raise RuntimeError(done.stderr[-2000:])
    rows = {row["Name"]: row for row in csv.DictReader(io.StringIO(text))}
    total = rows["Aggregated"]
    found = {
        "requests": int(total["Request Count"]),
        "failures": int(total["Failure Count"]),
        "per_second": float(total["Requests/s"]),
        **{f"p{part}": float(total[f"{part}%"]) for part in (50, 95, 99)},
    }
    log.info("%s under load: %s", name, found)
    return found


def quantiles(seconds: np.ndarray) -> dict[str, float]:
    """Return median and 99th percentile, in milliseconds."""
    median, high = np.quantile(seconds, [0.5, 0.99]) * 1000
    return {"median": round(float(median), 3), "p99": round(float(high), 3)}


def machine() -> str:
    """Return what it ran on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def page(found: dict[str, Any], arguments: argparse.Namespace) -> str:
    """Return the results as Markdown."""
    lines = [
        "# The service beside others",
        "",
        f"`python benchmarks/serving/run.py` wrote this page. {found['machine']}; a forest of 100 "
        "trees on 12 columns, the same in all three services, which give the same probabilities. "
        "*plain* is FastAPI, Pydantic, pandas and joblib; *mlflow* is `mlflow models serve`.",
        "",
        "## One caller",
        "",
        f"{arguments.times} requests, one after the other, to one process. Milliseconds over HTTP.",
        "",
        "| request | service | median | 99 % | median, times churnlab's |",
        "|---|---|--:|--:|--:|",
    ]
    for size, by_service in found["latency"].items():
        ours = by_service["churnlab"]["median"]
        for name, one in by_service.items():
            ratio = one["median"] / ours
            lines.append(
                f"| {size} | {name} | {one['median']:.2f} | {one['p99']:.2f} | {ratio:.1f} |"
            )
        alone = found["bare"][size]
        lines.append(
            f"| {size} | ONNX Runtime alone | {alone['median']:.2f} | {alone['p99']:.2f} | |"
        )
    batch = found["arrow"]
    as_json, as_arrow, scoring = (batch[name]["median"] for name in ("json", "arrow", "scoring"))
    beside = (as_json - scoring) / max(as_arrow - scoring, 0.1)
    lines += [
        "",
        f"{BATCH:,} rows in one request: {as_json:.0f} ms as JSON, {as_arrow:.0f} ms as Arrow, "
        f"{as_json / as_arrow:.1f} times as fast. The forest alone takes {scoring:.0f} ms of "
        f"either; what is beside it is {beside:.0f} times as fast as Arrow.",
        "",
        "## Many callers",
        "",
        f"Locust, {found['users']} users, 50 more each second, {arguments.seconds} s, each with a "
        "request every 0.5 to 1.5 s: one row nine times of ten, 100 rows otherwise. Two processes "
        "each, on the cores that Locust runs on too.",
        "",
        "| service | requests | failures | a second | median ms | 95 % | 99 % |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in found["load"].items():
        lines.append(
            f"| {name} | {one['requests']:,} | {one['failures']} | {one['per_second']:.0f} "
            f"| {one['p50']:.0f} | {one['p95']:.0f} | {one['p99']:.0f} |"
        )
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=500, help="requests of one caller")
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=180, help="of load on each service")
    return parser


if __name__ == "__main__":
    main()
