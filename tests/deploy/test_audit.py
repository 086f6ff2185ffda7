"""The audit of the locks: the real pip-audit, asking a server that speaks as OSV does."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from serving.server import free_port
from stages.studies import REPOSITORY

pytestmark = pytest.mark.slow

LOCK = "requirements-serve.txt"
ADVISORY = {
    "id": "GHSA-test-test-test",
    "aliases": ["CVE-2099-0001"],
    "summary": "a template may read any file",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}],
        }
    ],
}


@contextmanager
def advisories(known):
    """Serve advisories by the name of the package, and yield the address and who was asked for."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body["package"]["name"])
            found = known.get(body["package"]["name"])
            answer = json.dumps({"vulns": [found]} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        server.server_close()


def audit(url, accepted, tmp_path, lock=LOCK):
    """Run the script with a list of accepted advisories of its own."""
    script = tmp_path / "audit.py"
    script.write_text((REPOSITORY / ".ci/audit.py").read_text())
    (tmp_path / "audit-accepted").write_text(accepted)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, str(script), lock],
        cwd=REPOSITORY,
        env={**os.environ, "OSV_URL": url, "PATH": path, "GITHUB_ACTIONS": "true"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_package_is_asked_for_and_none_is_vulnerable(tmp_path):
    with advisories({}) as (url, asked):
        done = audit(url, "", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"jinja2", "onnxruntime", "fastapi", "uvicorn"} <= set(asked)
    assert f"{len(asked)} packages of {LOCK} checked at osv, 0 fault(s)" in done.stdout


def test_a_vulnerable_package_fails_and_the_first_good_version_is_named(tmp_path):
    with advisories({"jinja2": ADVISORY}) as (url, _):
        done = audit(url, "", tmp_path)
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if "jinja2" in line]
    for part in ("GHSA-test-test-test", "CVE-2099-0001", "fixed in 99.1", "read any file"):
        assert part in line


@pytest.mark.parametrize(("until", "status"), [("2999-12-31", 0), ("2001-12-31", 1)])
def test_an_advisory_is_accepted_until_its_day(tmp_path, until, status):
    accepted = f"# a comment\n\nCVE-2099-0001 {until} no template of ours comes from outside\n"
    with advisories({"jinja2": ADVISORY}) as (url, _):
        done = audit(url, accepted, tmp_path)
    assert done.returncode == status, done.stdout + done.stderr
    assert "no template of ours" in done.stdout


def test_without_an_answer_it_says_that_nothing_was_checked(tmp_path):
    # PyPI is asked after OSV; where that answers, the packages are checked there.
    done = audit(f"http://127.0.0.1:{free_port()}/", "", tmp_path)
    if "checked at pypi" in done.stdout:
        pytest.skip("PyPI answers here, so there is an answer")
    assert done.returncode == 0
    assert "left out, nothing was checked: osv: " in done.stdout
    assert "::warning title=dependency audit::" in done.stdout


def test_a_lock_that_cannot_be_read_is_a_fault_and_not_left_out(tmp_path):
    with advisories({}) as (url, _):
        done = audit(url, "", tmp_path, lock="no-such-lock.txt")
    assert done.returncode == 1
    assert "no-such-lock.txt" in done.stdout + done.stderr


def test_a_line_of_the_accepted_ones_that_has_no_day_is_refused(tmp_path):
    done = audit("http://127.0.0.1:1/", "CVE-2099-0001 for ever\n", tmp_path)
    assert done.returncode == 1
    assert "ADVISORY YYYY-MM-DD REASON" in done.stderr
