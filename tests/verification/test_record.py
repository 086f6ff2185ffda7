import pytest
import yaml

from churnlab.verification.record import (
    InputChange,
    content_hash,
    directory_hash,
    followers,
    input_changes,
    origins,
    overlaps,
    read_record,
    study_of,
)


def lock(seed=42, code="c1", model="m1", command="python t.py"):
    """Two stages; the second reads a file of the first one's folder."""
    train = {
        "cmd": command,
        "deps": [{"path": "src/t.py", "md5": code}],
        "params": {"params.yaml": {"seed": seed}},
        "outs": [{"path": "models/telecom", "md5": f"{model}.dir"}],
    }
    judge = {
        "cmd": "j",
        "deps": [{"path": "models/telecom/m", "md5": model}, {"path": "src/j.py", "md5": "j1"}],
        "outs": [{"path": "metrics/telecom/test.json", "md5": f"e{model}"}],
    }
    page = {"cmd": "p", "deps": [{"path": "metrics/telecom", "md5": "x"}]}
    stages = {"train@telecom-rf": train, "judge@telecom": judge, "page@telecom": page}
    return read_record(yaml.safe_dump({"schema": "2.0", "stages": stages}))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"model": "m2"}, []),  # A result, not an input.
        ({"code": "c2"}, [InputChange("src/t.py", ("train@telecom-rf",))]),
        ({"seed": 7}, [InputChange("params.yaml: seed: 42 -> 7", ("train@telecom-rf",))]),
        (
            {"command": "python u.py"},
            [InputChange("command: python t.py -> python u.py", ("train@telecom-rf",))],
        ),
    ],
)
def test_inputs_that_are_not_those_recorded_are_named_and_results_are_not(changes, found):
    assert input_changes(lock(), lock(**changes)) == found


def test_stages_after_and_before_follow_what_is_read_in_folders_and_their_files():
    assert followers(lock(), "train@telecom-rf") == {"judge@telecom", "page@telecom"}
    assert origins(lock(), "page@telecom") == {"judge@telecom", "train@telecom-rf"}
    assert followers(lock(), "page@telecom") == set()


def test_a_path_overlaps_what_lies_inside_it_and_not_what_begins_alike():
    assert overlaps("models/telecom", "models/telecom/rf")
    assert overlaps("models/telecom/rf", "models/telecom")
    assert not overlaps("models/telecom", "models/telecom2")


def test_the_study_is_what_stands_behind_the_at_sign():
    assert study_of("tune@telecom-rf") == study_of("report@telecom") == "telecom"


def test_a_record_without_stages_is_empty():
    assert read_record("schema: '2.0'\n") == {}


@pytest.mark.pipeline
def test_hashes_are_those_that_dvc_writes(repository):
    folder = repository.root / "data/made"
    (folder / "inside").mkdir(parents=True)
    files = {"b.csv": b"id\n1\n", "inside/a.json": "{'ç': 1}".encode(), "é.txt": b""}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    repository.git("rm", "--quiet", "--cached", "train.py")
    for path in ("data/made", "train.py"):
        added = repository.dvc("add", path)
        assert added.returncode == 0, added.stderr
    made = yaml.safe_load((repository.root / "data/made.dvc").read_text())["outs"][0]["md5"]
    assert directory_hash(files) == made
    single = yaml.safe_load((repository.root / "train.py.dvc").read_text())["outs"][0]["md5"]
    assert content_hash((repository.root / "train.py").read_bytes()) == single
