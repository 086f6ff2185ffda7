import shutil

import pytest
import yaml

from churnlab.errors import ChurnlabError
from churnlab.verification.contents import BY_SUFFIX
from churnlab.verification.record import read_record
from churnlab.verification.tolerances import CATALOG, Tolerances, load_tolerances

REASON = "The reason of this kind."


def load(root, kinds):
    (root / "data").mkdir()
    (root / CATALOG).write_text(yaml.safe_dump({"kinds": kinds}, sort_keys=False))
    return load_tolerances(root)


def test_the_first_kind_with_a_fitting_path_counts(tmp_path):
    exact = {"paths": ["models/*.joblib"], "compare": "consequences", "reason": REASON}
    rest = {"paths": ["models/*"], "compare": "numbers", "absolute": 1, "reason": REASON}
    found = load(tmp_path, {"estimators": exact, "rest": rest})
    assert found.kind_of("models/bank/rf/model.joblib")[0] == "estimators"
    assert found.kind_of("models/bank/blend.json")[0] == "rest"
    assert found.kind_of("plots/bank/roc.csv") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"absolut": 0.1}, "unknown key; did you mean 'absolute'?"),
        ({"compare": "number"}, "did you mean 'numbers'?"),
        ({"absolute": -0.1}, "kinds.any.absolute: -0.1 is not allowed"),
        ({"relative": float("nan")}, "kinds.any.relative"),
        ({"reason": ""}, "kinds.any.reason"),
        ({"paths": []}, "kinds.any.paths"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_the_right_one(tmp_path, change, said):
    kind = {"paths": ["*"], "compare": "numbers", "reason": REASON, **change}
    with pytest.raises(ChurnlabError, match=r"tolerances\.yaml") as caught:
        load(tmp_path, {"any": kind})
    assert said in str(caught.value)


def test_a_repository_without_the_catalog_is_told_so(tmp_path):
    with pytest.raises(ChurnlabError, match=r"tolerances\.yaml: there is no such file"):
        load_tolerances(tmp_path)


def test_every_recorded_output_of_the_repository_belongs_to_a_kind(repo_root):
    """The folders stand for their files, as the paths of kinds end in a star."""
    tolerances: Tolerances = load_tolerances(repo_root)
    record = read_record((repo_root / "dvc.lock").read_text())
    outputs = {path for stage in record.values() for path in stage.outs}
    assert len(outputs) > 50
    unnamed = [o for o in outputs if not (tolerances.kind_of(o) or tolerances.kind_of(f"{o}/x"))]
    assert [o for o in unnamed if not o.startswith("bundles/")] == []


@pytest.mark.parametrize("file", ["card.json", "manifest.json", "model.onnx", "reference.json"])
def test_every_file_of_a_bundle_belongs_to_a_kind(repo_root, file):
    name, kind = load_tolerances(repo_root).kind_of(f"bundles/telecom/{file}")
    assert kind.compare == {"manifest.json": "consequences", "model.onnx": "answers"}.get(
        file, "numbers"
    ), name


def test_files_whose_numbers_are_compared_are_of_a_format_that_can_be(repo_root):
    tolerances = load_tolerances(repo_root)
    record = read_record((repo_root / "dvc.lock").read_text())
    files = [p for s in record.values() for p in s.outs if "." in p.rsplit("/", 1)[-1]]
    numeric = [p for p in files if tolerances.kind_of(p)[1].compare == "numbers"]
    assert numeric
    assert {f".{p.rsplit('.', 1)[-1]}" for p in numeric} <= set(BY_SUFFIX)


def test_the_catalog_of_the_repository_gives_a_reason_for_every_tolerance(repo_root, tmp_path):
    (tmp_path / "data").mkdir()
    shutil.copy(repo_root / CATALOG, tmp_path / CATALOG)
    kinds = load_tolerances(tmp_path).kinds
    assert all(len(kind.reason.split()) > 8 for kind in kinds.values())
    assert all(kind.absolute <= 0.05 and kind.relative <= 0.05 for kind in kinds.values())
