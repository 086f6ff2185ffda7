"""People who share results: each has a clone, and only Git and the remote in common."""

import shutil
import subprocess

from pipeline.repository import Repository
from stages.studies import environment


class Collaborator(Repository):
    """A working tree of one person, with that person's environment variables."""

    def __init__(self, root, **variables):
        super().__init__(root)
        self.variables = variables

    def run(self, *command, timeout=600):
        return subprocess.run(
            command,
            cwd=self.root,
            env=environment(**self.variables),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def must(self, *command):
        """Run a command that has to succeed; return what it printed."""
        done = self.run(*command)
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def add(self, name, content):
        """Put a file under DVC."""
        (self.root / name).write_bytes(content)
        self.must("dvc", "add", "--quiet", name)

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def clone(self, folder, server=None, **variables):
        """Another person's clone of what is committed here, logged in to the server."""
        self.git("clone", "--quiet", str(self.root), str(folder))
        other = Collaborator(folder, **variables)
        if server is not None:
            server.log_in(other)
        return other


def new_repository(folder, **variables):
    """A Git and DVC repository of a person's own, with nothing in it."""
    owner = Collaborator(folder, **variables)
    owner.root.mkdir()
    owner.git("init", "--quiet", "--initial-branch=main")
    owner.must("dvc", "init", "--quiet")
    return owner


def owner_of(finished, folder, server):
    """The person who ran the study: its outputs and cache, the remote set up and committed."""
    shutil.copytree(finished.root, folder, symlinks=True)
    owner = Collaborator(folder)
    server.configure(owner)
    owner.commit("the lab's remote")
    return owner


def results(repository):
    """Every file that DVC keeps for the study: tables, models, plots, bundle and report."""
    listed = repository.must("dvc", "list", ".", "--dvc-only", "--recursive").splitlines()
    return {name: (repository.root / name).read_bytes() for name in listed}
