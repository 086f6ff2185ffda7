"""What a verified run has computed, put where the repository's own DVC finds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from churnlab.errors import ChurnlabError
from churnlab.verification.revision import without_hooks


def keep_outputs(checkout: Path, root: Path) -> int:
    """Copy outputs and run cache of a checkout into the DVC cache of `root`; return the files.

    Both are named by hashes, so what is there already is the same and stays.

    Raises:
        ChurnlabError: DVC does not say where the cache of `root` is.
    """
    cache, copied = _cache_folder(root), 0
    own = checkout / ".dvc" / "cache"
    for source in sorted(path for path in own.rglob("*") if path.is_file()):
        target = cache / source.relative_to(own)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            # Under another name until it is whole: an interrupted copy must not pass for the file.
            partial = target.with_name(f".{target.name}.part")
            shutil.copy2(source, partial)
            partial.replace(target)
            copied += 1
    return copied


def _cache_folder(root: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "cache", "dir"],
        cwd=root,
        env=without_hooks(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ChurnlabError(f"dvc cache dir in {root}: {done.stderr.strip()}")
    return (root / done.stdout.strip()).resolve()
