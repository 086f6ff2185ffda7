"""Every command that a document shows is run, in the order of the document."""

import re

import pytest

from onboarding.tables import customers, written
from pipeline.repository import Repository
from stages.studies import REPOSITORY

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

DOCUMENTS = (
    "README.md",
    "docs/batch.md",
    "docs/developers.md",
    "docs/feature-store.md",
    "docs/own-study.md",
    "docs/remotes.md",
    "docs/researchers.md",
    "docs/reviewers.md",
    "docs/risk-list.md",
)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUN_ELSEWHERE = {
    "python -m venv": "continuous integration makes its environment so",
    "pip install": "continuous integration installs the lock files",
    "make ": "each target is a step of continuous integration, or listed by its own test",
}


def commands(text):
    """Return the commands of the console blocks, continuation lines joined, comments dropped."""
    joined = "".join(CONSOLE.findall(text)).replace("\\\n", " ")
    lines = [line[2:] for line in joined.splitlines() if line.startswith("$ ")]
    return [re.sub(r"\s+#\s.*", "", line) for line in lines]


def is_run_here(command):
    return not command.startswith(tuple(RUN_ELSEWHERE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_of_a_document_work_one_after_the_other(document, copy: Repository):
    shown = commands((REPOSITORY / document).read_text(encoding="utf-8"))
    assert shown, f"{document} shows no command"
    if document == "docs/own-study.md":
        written(customers(400), copy.root / "customers.csv")
    for command in filter(is_run_here, shown):
        done = copy.run("bash", "-euo", "pipefail", "-c", command)
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
