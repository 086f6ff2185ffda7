"""A remote that is down, refuses, is half-written, altered or full: said clearly, nothing lost."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from remotes.collaborators import new_repository
from remotes.servers import BEHIND_A_PORT, KINDS, Directory, Ssh, write_settings

pytestmark = [pytest.mark.slow, pytest.mark.pipeline]


def flip_a_bit(file):
    """Alter a stored object as a bad disk would: the same size, another content."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)


def refused(done, *said):
    """The command failed, said what is asked for, and showed no traceback."""
    assert done.returncode != 0
    for words in said:
        assert words in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    return True


@pytest.fixture
def shared(server, tmp_path):
    """Somebody's two tables, pushed; who has them, and their bytes."""
    owner = new_repository(tmp_path / "owner")
    server.configure(owner)
    tables = {"one.txt": b"the first\n" * 400, "two.txt": b"the second\n" * 500}
    for name, content in tables.items():
        owner.add(name, content)
    owner.commit("tables")
    owner.must("dvc", "push")
    return owner, tables


@pytest.mark.parametrize("kind", BEHIND_A_PORT)
def test_a_remote_that_is_down_is_named_and_the_next_try_completes(kind, start, tmp_path):
    server = start(KINDS[kind])
    owner = new_repository(tmp_path / "owner")
    server.configure(owner)
    owner.add("table.txt", b"rows\n")
    owner.commit("a table")
    other = owner.clone(tmp_path / "other", server)
    server.stop()
    reason = "Could not connect" if kind == "s3" else "[Errno 111]"
    assert refused(owner.dvc("push"), reason)
    assert (owner.root / "table.txt").read_bytes() == b"rows\n"
    assert owner.git("status", "--porcelain") == ""
    server.start()
    owner.must("dvc", "push")
    server.stop()
    # Over WebDAV, DVC takes the silence for missing files; check-remote tells the two apart.
    assert refused(other.dvc("pull"), "table.txt" if kind == "webdav" else reason)
    assert refused(other.run("churnlab", "check-remote"), "run the same command again")
    server.start()
    other.must("dvc", "pull")
    assert (other.root / "table.txt").read_bytes() == b"rows\n"


@pytest.mark.parametrize("kind", BEHIND_A_PORT)
def test_a_wrong_key_or_password_is_refused_and_nothing_is_written(kind, start, tmp_path):
    server = start(KINDS[kind])
    owner = new_repository(tmp_path / "owner")
    server.configure(owner)
    owner.add("table.txt", b"rows\n")
    option = {"ssh": "keyfile", "s3": "secret_access_key", "webdav": "password"}[kind]
    wrong = str(server.folder / "host_key") if kind == "ssh" else "not the one"
    write_settings(owner.root / ".dvc/config.local", {option: wrong})
    assert refused(owner.dvc("push"))
    assert server.objects() == {}
    server.log_in(owner)
    owner.must("dvc", "push")
    assert len(server.objects()) == 1


def test_a_push_that_is_killed_leaves_a_remote_that_can_be_completed(
    with_a_big_file, server, tmp_path
):
    owner, content = with_a_big_file
    process = owner.start("dvc", "push")
    deadline = time.monotonic() + 60
    while server.stored_bytes() == 0 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert process.poll() is None, "the push must die before its end for this to prove anything"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    other = owner.clone(tmp_path / "other", server)
    assert refused(other.dvc("pull"), "table.bin")
    assert not (other.root / "table.bin").exists()
    owner.must("dvc", "push")
    owner.must("churnlab", "check-remote", "--repair")
    assert owner.must("churnlab", "check-remote").endswith("1 of 1 objects are whole\n")
    other.must("dvc", "pull")
    assert (other.root / "table.bin").read_bytes() == content


def test_an_altered_object_reaches_nobody_and_is_found_and_mended(shared, server, tmp_path):
    owner, tables = shared
    (altered,) = (file for file in server.objects().values() if file.stat().st_size == 4000)
    flip_a_bit(altered)
    other = owner.clone(tmp_path / "other", server)
    assert refused(other.dvc("pull"), "one.txt")
    assert not (other.root / "one.txt").exists()
    assert (other.root / "two.txt").read_bytes() == tables["two.txt"]
    # A folder's own check removes the bad object; behind a server it stays until it is replaced.
    found = owner.run("churnlab", "check-remote")
    assert found.returncode == 1
    assert found.stdout.startswith(("altered: one.txt", "missing: one.txt"))
    helpless = other.run("churnlab", "check-remote", "--repair")
    assert refused(helpless, "no whole copy here")
    assert "uploaded anew: one.txt" in owner.must("churnlab", "check-remote", "--repair")
    other.must("dvc", "pull")
    assert {name: (other.root / name).read_bytes() for name in tables} == tables


@pytest.mark.parametrize("server", ["s3"], indirect=True)
def test_a_missing_object_is_named_and_the_rest_is_pulled(shared, server, tmp_path):
    owner, tables = shared
    (lost,) = (file for file in server.objects().values() if file.stat().st_size == 4000)
    server.stop()  # a server may remember what was in its folders
    lost.unlink()
    server.start()
    other = owner.clone(tmp_path / "other", server)
    assert refused(other.dvc("pull"), "one.txt")
    assert (other.root / "two.txt").read_bytes() == tables["two.txt"]
    owner.must("churnlab", "check-remote", "--repair")
    other.must("dvc", "pull")
    assert (other.root / "one.txt").read_bytes() == tables["one.txt"]


def test_without_verify_an_altered_object_would_be_taken_for_whole(start, tmp_path):
    """Why docs/remotes.md sets `verify` for every remote."""
    server = start(Ssh)
    owner = new_repository(tmp_path / "owner")
    server.configure(owner)
    owner.must("dvc", "remote", "modify", "lab", "verify", "false")
    owner.add("table.txt", b"rows\n")
    owner.commit("a table")
    owner.must("dvc", "push")
    (stored,) = server.objects().values()
    flip_a_bit(stored)
    other = owner.clone(tmp_path / "other", server)
    other.must("dvc", "pull")
    assert (other.root / "table.txt").read_bytes() != b"rows\n"
    assert "up to date" in other.must("dvc", "status")
    assert "pulls do not check" in owner.run("churnlab", "check-remote").stdout


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MB; call it with a size in MB to give it more room."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(*options):
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(disk)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    if sys.platform != "linux" or not shutil.which("mount"):
        pytest.skip("a small disk is made with Linux's tmpfs")
    if (made := mount("size=8m")).returncode:
        pytest.skip(f"tmpfs cannot be mounted here (it takes root): {made.stderr.strip()}")
    yield disk, lambda megabytes: mount("remount", f"size={megabytes}m")
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_pull_onto_a_full_disk_says_so_and_completes_once_there_is_room(
    small_disk, start, tmp_path
):
    disk, resize = small_disk
    server = start(Directory)
    owner, content = big_table(server, tmp_path)
    owner.must("dvc", "push")
    other = owner.clone(disk / "clone", server)
    assert refused(other.dvc("pull"), "No space left on device")
    assert resize(200).returncode == 0
    other.must("dvc", "pull")
    assert (other.root / "table.bin").read_bytes() == content


def test_a_push_onto_a_full_remote_says_so_and_completes_once_there_is_room(
    small_disk, start, tmp_path
):
    disk, resize = small_disk
    server = start(Directory)
    server.store = disk / "lab"
    server.store.mkdir()
    owner, content = big_table(server, tmp_path)
    assert refused(owner.dvc("push"), "No space left on device")
    assert server.objects() == {}, "no beginning of an object may pass for one"
    assert (owner.root / "table.bin").read_bytes() == content
    assert resize(200).returncode == 0
    owner.must("dvc", "push")
    assert owner.must("churnlab", "check-remote").endswith("1 of 1 objects are whole\n")


def big_table(server, tmp_path):
    owner = new_repository(tmp_path / "owner")
    server.configure(owner)
    content = b"0123456789abcde\n" * 1_250_000
    owner.add("table.bin", content)
    owner.commit("a table")
    return owner, content
