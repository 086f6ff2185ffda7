"""Notebooks are thin, clean, and the same bytes whoever saves them."""

import ast
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
NAMES = {
    "eda",
    "random_forest_tuning",
    "xgboost_tuning",
    "mlp_tuning",
    "cross_validation_error_analysis",
}
LOGIC = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.If,
    ast.IfExp,
    ast.For,
    ast.While,
    ast.Try,
    ast.With,
    ast.ListComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.BinOp,
)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def code(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_every_notebook_that_is_promised_is_there():
    assert {path.stem for path in NOTEBOOKS} == NAMES


def test_no_outputs_are_kept(notebook):
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_cells_are_numbered_so_that_saving_again_changes_nothing(notebook):
    ids = [cell["id"] for cell in notebook["cells"]]
    assert [int(name.rsplit("-", 1)[1]) for name in ids] == list(range(1, len(ids) + 1))


def test_the_study_is_chosen_first(notebook):
    assert code(notebook)[0] == 'STUDY = "telecom"'


def test_cells_hold_no_logic_and_import_reporting_alone(notebook):
    for source in code(notebook):
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, LOGIC), source
            if isinstance(node, ast.ImportFrom):
                assert node.module.startswith("churnlab.reporting")
            assert not isinstance(node, ast.Import), source
