import subprocess
import sys

from pipeline.repository import Repository

MARK = """
import logging, sys
from pathlib import Path
from churnlab.registry import tags
handler = logging.FileHandler("log")
logging.getLogger().addHandler(handler)
print(tags.mark(Path(), "telecom", 2, sys.argv[1], "ana", "the better one"))
print(handler.stream is not None, logging.getLogger("gto").handlers)
"""


def test_marking_leaves_the_logging_of_the_process_as_it_is(tmp_path):
    repository = Repository(tmp_path)
    repository.git("init", "--quiet")
    repository.git("config", "user.name", "Ana")
    repository.git("config", "user.email", "ana@example.org")
    repository.git("commit", "--quiet", "--allow-empty", "--message=made version 2")
    commit = repository.git("rev-parse", "HEAD").strip()
    # In a process of its own, where nothing has imported GTO yet.
    command = [sys.executable, "-c", MARK, commit]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "['telecom@v2.0.0', 'telecom#prod#1']",
        "True []",
    ], done.stderr
