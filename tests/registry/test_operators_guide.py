"""The operators' guide's commands, run in order as an operator would."""

import re
import shlex

import pytest

from pipeline.test_documents import commands
from registry.conftest import WHY, done
from serving.server import serving
from stages.studies import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.pipeline]

GUIDE = REPOSITORY / "docs" / "operators.md"


def test_the_commands_of_the_guide_work_and_the_service_follows_them(published):
    # Somebody put the worse version into service before: there is one to go back to.
    done("promote", "telecom", "--version", "1", "--why", WHY)
    shown = commands(GUIDE.read_text(encoding="utf-8"))
    assert len(shown) == 15
    said = {}
    for command in shown:
        if command.startswith("churnlab serve"):
            with serving(published.root / ".churnlab", published.root / "log", workers=2) as server:
                assert "churnlab" in server.said()
            continue
        ran = published.run("bash", "-euo", "pipefail", "-c", command)
        assert ran.returncode == 0, f"{command}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
        said[command] = ran.stdout
    assert re.search(r"telecom +undated", said["churnlab list show"])
    assert "prometheus" in said["churnlab keys list"]
    back = next(command for command in shown if command.startswith("churnlab rollback"))
    assert "back at v1" in said[back]
    assert shlex.split(back)[-1].split(",")[0] in said["churnlab history telecom"]
