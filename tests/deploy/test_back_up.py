"""The back-up of the guide, run as it stands on a folder that is in use."""

import re
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing

import pytest

from stages.studies import REPOSITORY

FILES = (
    "deployments/shop/current.json",
    "lists/shop/undated.parquet",
    "pseudonym.key",
    "registry/shop.json",
    "mlartifacts/1/model.onnx",
    "store/shop/state.json",
)
DATABASES = ("keys.db", "mlflow.db", "store/shop/online.db")


@pytest.fixture
def blocks():
    """The commands of the section that copy the folder."""
    if shutil.which("sqlite3") is None:
        pytest.skip("the back-up needs `sqlite3`, which is not on the path")
    guide = (REPOSITORY / "docs/deploy.md").read_text(encoding="utf-8")
    section = guide.split("## Back-up")[1].split("## ")[0]
    (block, *_) = re.findall(r"^```console\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    return re.sub(r"^\$ ", "", block, flags=re.MULTILINE)


def test_the_back_up_holds_every_file_and_what_databases_were_told_last(blocks, tmp_path):
    home = tmp_path / ".churnlab"
    for name in FILES:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        path.chmod(0o600)
    connections = []
    for name in DATABASES:
        # What was written last is in the log beside the file, as with the service running.
        connection = sqlite3.connect(home / name)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t AS SELECT 1 AS x")
        connection.commit()
        connections.append(connection)
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", blocks],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    for connection in connections:
        connection.close()
    kept = tmp_path / "backup" / "churnlab"
    assert {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()} == {
        *FILES,
        *DATABASES,
    }
    for name in FILES:
        assert (kept / name).read_text() == name
    for name in DATABASES:
        with closing(sqlite3.connect(kept / name)) as connection:
            assert connection.execute("SELECT x FROM t").fetchall() == [(1,)]
    assert {stat.S_IMODE((kept / name).stat().st_mode) for name in (*FILES, *DATABASES)} == {0o600}
