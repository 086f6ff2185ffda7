"""Hold the locked packages against the published advisories; status 1 where one is vulnerable.

    python .ci/audit.py [LOCK...]

Asks OSV, which has the advisories of PyPI and GitHub, and else PyPI. Where neither answers, that is
said and nothing was checked. `.ci/audit-accepted` lists advisories that are accepted for a time.
OSV_URL names another copy of OSV.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

LOCKS = ("requirements.txt", "requirements-serve.txt", "requirements-mlflow.txt")
ACCEPTED = Path(__file__).with_name("audit-accepted")
SERVICES = ("osv", "pypi")
# What pip-audit says where a service is not reached, or does not work; all else is a fault of ours.
NETWORK = ("ConnectionError", "Timeout", "HTTPError", "ServiceError", "Could not connect")


@dataclass(frozen=True)
class Accepted:
    """An advisory that is accepted until a day, and why."""

    advisory: str
    until: date
    why: str


def main(arguments: list[str]) -> int:
    """Check the locks named, or all that are installed somewhere."""
    locks = arguments or list(LOCKS)
    accepted = read_accepted(ACCEPTED.read_text(encoding="utf-8"))
    today = datetime.now(UTC).date()
    valid = [one for one in accepted if one.until >= today]
    for one in accepted:
        state = "accepted" if one in valid else "no longer accepted"
        say(f"{one.advisory}: {state}, until {one.until}: {one.why}")
    reasons = []
    for service in SERVICES:
        packages, reason = ask(service, locks, [one.advisory for one in valid])
        if packages is not None:
            return judged(packages, service, locks)
        reasons.append(f"{service}: {reason}")
    left_out("; ".join(reasons))
    return 0


def read_accepted(text: str) -> list[Accepted]:
    """Return the lines of ADVISORY, last day and reason; what begins with # is a comment."""
    lines = [line.split(maxsplit=2) for line in text.splitlines() if line.strip()[:1] not in "#"]
    try:
        return [Accepted(one, date.fromisoformat(until), why) for one, until, why in lines]
    except ValueError as error:
        sys.exit(f"{ACCEPTED}: a line is ADVISORY YYYY-MM-DD REASON; {error}")


def ask(
    service: str, locks: list[str], accepted: list[str]
) -> tuple[list[dict[str, Any]] | None, str]:
    """Return the packages and what is known of each; None, and why, where nobody knows any."""
    command = ["pip-audit", "--format", "json", "--progress-spinner", "off", "--timeout", "30"]
    command += ["--disable-pip", "--require-hashes", "--vulnerability-service", service]
    if service == "osv" and "OSV_URL" in os.environ:
        command += ["--osv-url", os.environ["OSV_URL"]]
    command += [part for lock in locks for part in ("--requirement", lock)]
    command += [part for one in accepted for part in ("--ignore-vuln", one)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        said = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        if not any(word in done.stderr for word in NETWORK):
            sys.exit(f"audit: pip-audit failed: {said}")
        return None, said.split(":")[0]
    if all("skip_reason" in package for package in packages):
        return None, f"knows none of {len(packages)} packages"
    return packages, ""


def judged(packages: list[dict[str, Any]], service: str, locks: list[str]) -> int:
    """Print what is wrong, and return the status."""
    faults = []
    for package in packages:
        name = f"{package['name']} {package.get('version', '')}".strip()
        if "skip_reason" in package:
            faults.append(f"{name}: not checked: {package['skip_reason']}")
        for found in package.get("vulns", []):
            fixed = " or ".join(found["fix_versions"]) or "none yet"
            names = ", ".join([found["id"], *found["aliases"]])
            faults.append(f"{name}: {names}; fixed in {fixed}: {found['description'][:200]}")
    for fault in faults:
        say(fault)
    checked = f"{len(packages)} packages of {', '.join(locks)} checked at {service}"
    say(f"{checked}, {len(faults)} fault(s)")
    return 1 if faults else 0


def left_out(why: str) -> None:
    """Say that nothing was checked, where the page of a run on GitHub shows it too."""
    say(f"left out, nothing was checked: {why}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        sys.stdout.write(f"::warning title=dependency audit::nothing was checked: {why}\n")


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"audit: {line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
