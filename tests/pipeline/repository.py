"""A repository as its user sees it: Git and DVC commands, and what they printed."""

import re
import subprocess
from pathlib import Path

import yaml

from stages.studies import environment

RUNNING = re.compile(r"Running stage '([^']+)'")


class Repository:
    """A working tree with Git and DVC."""

    def __init__(self, root):
        self.root = Path(root)
        self.first_run = ""

    def run(self, *command, timeout=1500):
        return subprocess.run(
            command,
            cwd=self.root,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def dvc(self, *arguments):
        return self.run("dvc", *arguments)

    def git(self, *arguments):
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *command):
        """Start a command at the head of a process group of its own."""
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def lock_bytes(self):
        return (self.root / "dvc.lock").read_bytes()

    def lock(self, content=None):
        """Return the locked stages by name."""
        return yaml.safe_load(self.lock_bytes if content is None else content)["stages"]

    def change_params(self, change):
        file = self.root / "params.yaml"
        params = yaml.safe_load(file.read_text())
        change(params)
        file.write_text(yaml.safe_dump(params, sort_keys=False))


def stages_run(output):
    """Return the stages that DVC says it runs, each with its study and model."""
    return set(RUNNING.findall(output))


def dependents(lock, first):
    """Return `first` and every stage that reads, directly or not, what it writes."""
    found = {first}
    while True:
        written = {out["path"] for name in found for out in lock[name].get("outs", [])}
        reached = {
            name
            for name, entry in lock.items()
            if any(overlaps(dep["path"], out) for dep in entry.get("deps", []) for out in written)
        }
        if reached <= found:
            return found
        found |= reached


def overlaps(dependency, output):
    """Whether one path is the other or lies inside it."""
    one, other = Path(dependency).parts, Path(output).parts
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
