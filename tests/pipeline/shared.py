"""What takes minutes to make and is only read, made once for all processes of a test run."""

import fcntl
import os
import shutil


def made_once(tmp_path_factory, name, make):
    """Return the folder that `make` has made at the path it is given.

    The first process that asks makes it; the others wait for it. What a failure left is made anew.
    """
    base = tmp_path_factory.getbasetemp()
    # pytest-xdist gives every worker a folder below that of the run.
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    shared.mkdir(exist_ok=True)
    folder, made = shared / name, shared / "made"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder
