"""The compose file: what it starts is pinned, shut in, and finds its files and secrets."""

import re
import shutil
import socket
import stat
import subprocess
import time

import pytest
import yaml

from stages.studies import REPOSITORY

COMPOSE = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
# Drawn by the service itself, when it has a folder for keys.
FROM_THE_SERVICE = {"prometheus_key"}
EXACT = re.compile(r":v?\d+\.\d+(\.\d+)?(-bookworm)?$")


@pytest.fixture
def secrets(tmp_path):
    """The folder of a fresh checkout after `sh deploy/make-secrets`, and what that said."""
    folder = tmp_path / "deploy"
    folder.mkdir()
    shutil.copy(REPOSITORY / "deploy/make-secrets", folder)
    return folder / "secrets", make_secrets(folder)


def make_secrets(folder):
    command = ["sh", str(folder / "make-secrets")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_few_rights_and_limits(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and "network_mode" not in service
    assert {"cpus", "memory", "pids"} == set(service["deploy"]["resources"]["limits"])


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_of_one_version(name):
    assert EXACT.search(SERVICES[name]["image"]), SERVICES[name]["image"]


def test_only_three_ports_are_published_and_on_this_machine_alone():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"churnlab", "mlflow", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    networks = COMPOSE["networks"]
    for name, service in SERVICES.items():
        leads_out = [one for one in service["networks"] if not networks[one].get("internal")]
        assert bool(leads_out) is (name in published), name


def test_who_depends_on_another_waits_until_it_is_healthy():
    dockerfiles = {
        name: (REPOSITORY / service["build"]["dockerfile"]).read_text()
        for name, service in SERVICES.items()
        if "build" in service
    }
    waits = [
        (other, condition["condition"])
        for service in SERVICES.values()
        for other, condition in service.get("depends_on", {}).items()
    ]
    assert waits
    for other, condition in waits:
        assert condition == "service_healthy"
        assert "healthcheck" in SERVICES[other] or "HEALTHCHECK" in dockerfiles.get(other, "")


def test_every_file_that_is_mounted_is_there():
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
            known = source in COMPOSE["volumes"] or source.startswith("${CHURNLAB_HOME")
            assert known or (REPOSITORY / source).exists(), source


def test_settings_of_the_service_may_be_in_a_file_that_need_not_be_there_and_git_leaves_out():
    (file,) = SERVICES["churnlab"]["env_file"]
    assert file["required"] is False
    assert f"`{file['path']}`" in (REPOSITORY / "docs/deploy.md").read_text(encoding="utf-8")
    ignored = ["git", "check-ignore", "--quiet", file["path"]]
    if (REPOSITORY / ".git").exists():
        assert subprocess.run(ignored, cwd=REPOSITORY, check=False).returncode == 0


def test_passwords_are_files_and_every_one_is_drawn(secrets):
    folder, said = secrets
    declared = {name: entry["file"] for name, entry in COMPOSE["secrets"].items()}
    used = {name for service in SERVICES.values() for name in service.get("secrets", [])}
    assert used == set(declared)
    assert {path.name for path in folder.iterdir()} == set(declared) - FROM_THE_SERVICE
    assert "churnlab keys create prometheus --role monitor" in said
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|ONLINE_STORE", name):
                assert name.endswith("_FILE") and value.startswith("/run/secrets/"), name
                assert value.rsplit("/", 1)[1] in service["secrets"]


def test_passwords_stay_once_drawn_and_others_cannot_look_at_them(secrets):
    folder, _ = secrets
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    make_secrets(folder.parent)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(set(before.values())) == len(before)
    # What is in Git cannot be a password.
    ignored = ["git", "check-ignore", "--quiet", "deploy/secrets/postgres_password"]
    if (REPOSITORY / ".git").exists():
        assert subprocess.run(ignored, cwd=REPOSITORY, check=False).returncode == 0


def test_redis_takes_its_secret_and_the_service_has_the_same_one(secrets):
    redis = pytest.importorskip("redis")
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("there is no `redis-server` on the path")
    folder, _ = secrets
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program, _, *options = SERVICES["redis"]["command"]
    assert program == "redis-server"
    command = [binary, str(folder / "redis.conf"), *options, "--port", str(port)]
    process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        url = (folder / "online_store").read_text()
        assert url.endswith("@redis:6379/0")
        client = redis.Redis.from_url(url.replace("redis:6379", f"127.0.0.1:{port}"))
        wait_until_it_answers(client, redis.ConnectionError)
        asked = SERVICES["redis"]["healthcheck"]["test"][1]
        check = asked.replace("redis-cli", f"redis-cli -p {port}")
        assert subprocess.run(["sh", "-c", check], check=False).returncode == 0
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port).ping()
    finally:
        process.terminate()
        process.wait(20)
    assert subprocess.run(["sh", "-c", check], capture_output=True, check=False).returncode != 0


def wait_until_it_answers(client, not_yet):
    for _ in range(100):
        try:
            return client.ping()
        except not_yet:
            time.sleep(0.05)
    raise TimeoutError("redis-server does not answer")
