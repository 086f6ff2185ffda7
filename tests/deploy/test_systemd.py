"""The unit for systemd: read by systemd itself, and shut in."""

import re
import shlex
import shutil
import subprocess

import pytest
from typer.testing import CliRunner

from churnlab.cli import app
from stages.studies import REPOSITORY

UNIT = REPOSITORY / "deploy/churnlab.service"
# Of 100, as `systemd-analyze security` counts it in thresholds; it calls units below it safe.
MOST_EXPOSED = 20


@pytest.fixture
def analyze():
    binary = shutil.which("systemd-analyze")
    if binary is None:
        pytest.skip("there is no `systemd-analyze` on the path; it is a part of systemd")
    return lambda *arguments: subprocess.run(
        [binary, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_systemd_understands_every_line(analyze, tmp_path):
    unit = tmp_path / UNIT.name
    # The program of the unit is not on this machine.
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(), flags=re.M))
    verified = analyze("verify", unit)
    said = [line for line in verified.stderr.splitlines() if UNIT.name in line]
    assert (said, verified.returncode) == ([], 0)


def test_a_process_of_the_unit_can_do_little(analyze, tmp_path):
    told = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", UNIT)
    assert told.returncode == 0, told.stdout
    open_unit = tmp_path / UNIT.name
    open_unit.write_text(re.sub(r"^Protect.*\n", "", UNIT.read_text(), flags=re.MULTILINE))
    told = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", open_unit)
    assert told.returncode == 1


def test_the_unit_gives_the_command_options_that_it_has():
    (line,) = re.findall(r"^ExecStart=(.*)", UNIT.read_text(), re.MULTILINE)
    program, command, *options = shlex.split(line)
    assert program.endswith("/bin/churnlab")
    # Help ends the command before it begins, and an option that it does not have ends it with 2.
    assert CliRunner().invoke(app, [command, *options, "--help"]).exit_code == 0
    wrong = CliRunner().invoke(app, [command, "--no-such-option", "--help"])
    assert wrong.exit_code == 2
