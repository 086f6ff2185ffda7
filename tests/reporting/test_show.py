"""`churnlab show` on a study that has been judged."""

import pytest
from typer.testing import CliRunner

from churnlab.cli import app


@pytest.fixture
def inside(study_root, monkeypatch):
    monkeypatch.chdir(study_root)


def test_every_judged_study_is_shown_by_default(inside):
    result = CliRunner().invoke(app, ["show"])
    assert result.exit_code == 0
    assert "Telephone customers" in result.output
    assert "Champion: Random Forest" in result.output
    assert "reports/telecom.html" in result.output


def test_markdown_is_the_same_on_every_run(inside):
    first, second = (CliRunner().invoke(app, ["show", "telecom", "--markdown"]) for _ in range(2))
    assert first.output == second.output
    assert first.output.startswith("**Telephone customers")


def test_showing_results_loads_no_pictures_and_no_models(study_root, fresh_python):
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from churnlab.cli import app\n"
        "assert CliRunner().invoke(app, ['show', '--markdown']).exit_code == 0\n"
        "sys.stdout.write(' '.join(sys.modules))"
    )
    loaded = {name.split(".")[0] for name in fresh_python(code, cwd=study_root).split()}
    assert not loaded & {"matplotlib", "sklearn", "tensorflow", "pandas", "jinja2"}
