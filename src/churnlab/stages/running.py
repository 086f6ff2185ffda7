"""How a stage is started: its command line, logging, and errors as a user should see them."""

from __future__ import annotations

import argparse
import logging
import sys
from importlib import import_module
from pathlib import Path

from churnlab.config import load_params
from churnlab.errors import ChurnlabError
from churnlab.models.family import load_family
from churnlab.stages.context import StudyContext

PER_MODEL = ("tune", "train", "cross_validate")
PER_STUDY = (
    "ingest",
    "events",
    "features",
    "prepare",
    "assemble",
    "store",
    "references",
    "blend",
    "evaluate",
    "by_time",
    "compare",
    "errors",
    "protocols",
    "export",
    "score",
    "explain",
    "report",
)


def main() -> None:
    """Run the stage that the command line names; a user's mistake ends without a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    arguments = _parser().parse_args()
    try:
        _run(arguments.stage, arguments.study, arguments.model)
    except ChurnlabError as mistake:
        sys.stderr.write(f"\nerror: {mistake}\n")
        sys.exit(1)


def _run(stage: str, study: str, model: str | None) -> None:
    root = Path.cwd()
    context = StudyContext.load(root, study, load_params(root / "params.yaml"))
    module = import_module(f"churnlab.stages.{stage}")
    if stage in PER_MODEL:
        load_family(str(model))  # A misspelt name is best told before anything is read.
        module.run(context, model)
    else:
        module.run(context)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="stage", required=True)
    for stage in (*PER_MODEL, *PER_STUDY):
        command = commands.add_parser(stage)
        command.add_argument("study")
        if stage in PER_MODEL:
            command.add_argument("model")
        else:
            command.set_defaults(model=None)
    return parser
