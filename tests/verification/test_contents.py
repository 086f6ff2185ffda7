"""Files of one output, each compared in the way of its kind."""

import pytest

from churnlab.paths import StudyPaths
from churnlab.verification.contents import compare_files, files_below
from churnlab.verification.tolerances import Tolerances

KINDS = {
    "estimators": {"paths": ["*.joblib"], "compare": "consequences", "reason": "r"},
    "numbers": {"paths": ["m/*"], "compare": "numbers", "absolute": 0.1, "reason": "r"},
}


def compare(tmp_path, committed, rerun):
    tolerances = Tolerances.model_validate({"kinds": KINDS})
    found = compare_files(committed, rerun, tolerances, StudyPaths(tmp_path, "telecom"))
    return {file.path: file for file in found}


@pytest.mark.parametrize(
    ("path", "first", "second", "verdict", "place"),
    [
        ("m/a.json", b"[1]", b"[1]", "identical", ""),
        ("m/a.json", b"[1]", b"[1.05]", "within tolerance", "[0]: 1 -> 1.05"),
        ("m/a.json", b"[1]", b"[1.5]", "different", "[0]: 1 -> 1.5"),
        ("m/a.json", b"[1]", b"[1", "different", "cannot be read: "),
        ("m/a.parquet", b"1", b"2", "different", "cannot be read: "),
        ("m/a.bin", b"1", b"2", "different", "files of this format cannot be compared"),
        ("m/a.joblib", b"1", b"2", "undecided", "it is judged by its consequences"),
        ("else/a.json", b"[1]", b"[1.05]", "different", "no kind of data/tolerances.yaml"),
    ],
)
def test_each_file_is_compared_in_the_way_of_its_kind(
    tmp_path, path, first, second, verdict, place
):
    found = compare(tmp_path, {path: first}, {path: second})[path]
    assert found.verdict == verdict
    assert found.place.startswith(place)


def test_a_file_of_one_side_only_is_different(tmp_path):
    found = compare(tmp_path, {"m/a.json": b"1"}, {"m/b.json": b"1"})
    assert {path: file.verdict for path, file in found.items()} == {
        "m/a.json": "different",
        "m/b.json": "different",
    }
    assert found["m/a.json"].place == "the re-run does not make it"
    assert found["m/b.json"].place == "only the re-run makes it"


def test_a_file_and_a_folder_are_read_by_their_paths_below_the_root(tmp_path):
    (tmp_path / "m/n").mkdir(parents=True)
    (tmp_path / "m/n/b.json").write_bytes(b"b")
    (tmp_path / "m/a.json").write_bytes(b"a")
    assert files_below(tmp_path, "m") == {"m/a.json": b"a", "m/n/b.json": b"b"}
    assert files_below(tmp_path, "m/a.json") == {"m/a.json": b"a"}
    assert files_below(tmp_path, "nothing") == {}
