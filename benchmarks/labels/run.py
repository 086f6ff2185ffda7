"""The sellers' study under both labels: how good each model is out of time.

`horizon` asks for no sale within the days after the reference date. `inactivity`, the label of the
source, counts from the last sale instead, so that a seller who has been quiet for 40 days churns by
being quiet for 5 more: recency is a part of the answer, and every figure is higher.

The second label is run as an experiment beside the current commit, which `dvc exp apply
labels-inactivity` brings back; it is not run again where it is there already.

    python benchmarks/labels/run.py

Writes docs/benchmarks/labels.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from churnlab.reporting.wording import interval_text, metric_text, metric_title, model_title  # noqa: E402
from churnlab.serialization import write_text  # noqa: E402

OUTPUT = ROOT / "docs" / "benchmarks" / "labels.md"
STUDY = "olist"
NAME = "labels-inactivity"
CHANGE = f"events.{STUDY}.label=inactivity"
METRICS = ("roc_auc", "average_precision", "log_loss", "top_decile_lift")


def printed(*command: str) -> str:
    """Return what a command prints; what it says of its progress goes to the terminal."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def dvc(*arguments: str) -> str:
    """Return what DVC prints."""
    return printed(sys.executable, "-m", "dvc", *arguments)


def experiment() -> str:
    """Return the revision of the experiment, which is run where it is not there."""
    if NAME not in dvc("exp", "list", "--name-only").split():
        settings = ("--temp", "--name", NAME, "--set-param", CHANGE)
        dvc("exp", "run", *settings, f"evaluate@{STUDY}", f"compare@{STUDY}")
    # The name may stand beside earlier commits too.
    head = printed("git", "rev-parse", "HEAD").strip()
    return printed("git", "rev-parse", f"refs/exps/{head[:2]}/{head[2:]}/{NAME}").strip()


def results(revision: str) -> dict[str, Any]:
    """Return champion and metrics with intervals of a revision's test part."""

    def read(path: str) -> Any:
        return json.loads(printed("git", "show", f"{revision}:{path}"))

    folder = f"metrics/{STUDY}"
    return {
        "champion": read(f"{folder}/comparison.json")["champion"],
        "intervals": read(f"{folder}/intervals.json")["test"],
    }


def page(labels: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Two labels of sellers who stop"
    yield ""
    yield "`python benchmarks/labels/run.py` wrote this page; `dvc exp apply labels-inactivity`"
    yield "brings the second label's files back. Out of time, with 95 % intervals by seller."
    for label, found in labels.items():
        yield ""
        yield f"## `label: {label}`"
        yield ""
        yield f"| model | {' | '.join(map(metric_title, METRICS))} |"
        yield f"|---{'|---' * len(METRICS)}|"
        for model, metrics in sorted(found["intervals"].items(), key=by_log_loss):
            cells = [shown_with_interval(name, metrics[name]) for name in METRICS]
            title = model_title(model)
            shown = f"**{title}**" if model == found["champion"] else title
            yield f"| {shown} | {' | '.join(cells)} |"


def shown_with_interval(metric: str, value: dict[str, float]) -> str:
    """Return an estimate and its interval as text."""
    return f"{metric_text(metric, value['estimate'])} ({interval_text(metric, value)})"


def by_log_loss(entry: tuple[str, dict[str, Any]]) -> float:
    """Return what the rows are sorted by."""
    return float(entry[1]["log_loss"]["estimate"])


def main() -> None:
    """Run what is missing, print the page and write it."""
    labels = {"horizon": results("HEAD"), "inactivity": results(experiment())}
    text = "\n".join(page(labels)) + "\n"
    sys.stdout.write(text)
    write_text(OUTPUT, text)


if __name__ == "__main__":
    main()
