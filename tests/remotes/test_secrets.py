"""What opens a remote never gets into Git."""

import configparser
import re
import subprocess

import pytest

from remotes.collaborators import new_repository
from remotes.servers import KINDS, PASSWORD, USER

# The options of DVC's remotes that hold a secret or lead to one.
SECRET_OPTIONS = re.compile(
    r"^\s*(password|passphrase|secret_access_key|access_key_id|session_token|token|custom_auth_header"
    r"|connection_string|account_key|sas_token|client_secret|credentialpath|keyfile"
    r"|gdrive_\w*(secret|json)\w*|oss_key_\w+)\s*=",
    re.MULTILINE,
)
SECRETS = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{36}"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY"
    r"|://[^/\s:@{}$<]+:[^/\s:@{}$<]+@[\w.-]+"
    r"|(?:aws_secret_access_key|AWS_SECRET_ACCESS_KEY)\s*[=:]\s*[A-Za-z0-9/+]{40}"
)


def tracked(root):
    """Every file that Git knows, with its text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip(f"not a Git checkout: {listed.stderr.strip()}")
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            yield name, (root / name).read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize(
    "text",
    [
        "key AKIA" + "A" * 16,
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
        "https://alice" + ":pass@example.org/dav",
        "AWS_SECRET_ACCESS_KEY=" + "x" * 40,
    ],
)
def test_the_patterns_find_what_they_are_for(text):
    assert SECRETS.search(text)
    assert SECRET_OPTIONS.search('["remote lab"]\n    secret_access_key = x')


def test_no_tracked_file_holds_a_key_a_token_or_a_password_in_an_address(repo_root):
    found = {name for name, text in tracked(repo_root) if SECRETS.search(text)}
    assert found == set()


def test_the_committed_settings_of_remotes_hold_no_secret(repo_root):
    files = dict(tracked(repo_root))
    assert ".dvc/config.local" not in files
    assert not SECRET_OPTIONS.search(files[".dvc/config"])
    settings = configparser.ConfigParser()
    settings.read_string(re.sub(r"^\s+", "", files[".dvc/config"], flags=re.MULTILINE))
    assert "core" in settings


def test_git_ignores_where_docs_tell_people_to_put_secrets(repo_root):
    ignored = subprocess.run(
        ["git", "check-ignore", "--quiet", ".dvc/config.local"], cwd=repo_root, check=False
    )
    assert ignored.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_setting_a_remote_up_as_documented_puts_no_secret_where_git_sees_it(kind, tmp_path):
    if kind.missing:
        pytest.skip(kind.missing)
    server = kind(tmp_path / "server")
    owner = new_repository(tmp_path / "owner")
    server.configure_by_commands(owner)
    owner.commit("a remote")
    committed = owner.git("show", "HEAD:.dvc/config")
    assert server.url in committed
    everything = owner.git("log", "--all", "--patch")
    # The folder of the test may bear the user's name.
    everything = everything.replace(server.url, "").replace(str(tmp_path), "")
    for secret in (PASSWORD, USER, *server.local_settings.values()):
        assert secret not in everything.replace("Author: test <test@example.org>", "")
