"""What is in service, its changes, and bundles that are not what they say."""

import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

import pytest

from churnlab.deployments import Deployments
from churnlab.errors import ChurnlabError

WHY = "better on the test part"


def bundle(folder, content):
    folder.mkdir()
    (folder / "model.onnx").write_text(content)
    digest = hashlib.sha256(content.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps({"model.onnx": digest}))
    return folder


@pytest.fixture
def deployments(tmp_path):
    return Deployments(tmp_path / "deployed", now=lambda: "2026-01-31T12:00:00Z")


@pytest.fixture
def three(deployments, tmp_path):
    """Three versions, promoted one after the other."""
    made = [deployments.add("shop", bundle(tmp_path / name, name), {}) for name in "abc"]
    for version in made:
        deployments.promote("shop", version, "ana", WHY)
    return made


def test_nothing_is_in_service_before_the_first_promotion(deployments, tmp_path):
    assert deployments.current("shop") is None
    version = deployments.add("shop", bundle(tmp_path / "a", "a"), {"title": "Shop"})
    assert deployments.current("shop") is None
    assert deployments.studies() == []
    assert deployments.versions("shop") == [version]
    with pytest.raises(ChurnlabError, match="no version is in service; promote one first"):
        deployments.roll_back("shop", "ana", WHY)


def test_who_when_from_to_and_why_are_kept(deployments, three):
    last = deployments.current("shop").changes[-1]
    assert (last.action, last.by, last.at) == ("promote", "ana", "2026-01-31T12:00:00Z")
    assert (last.origin, last.version, last.why) == (three[1], three[2], WHY)


def test_rolling_back_twice_goes_two_versions_back(deployments, three):
    assert deployments.roll_back("shop", "ben", "wrong scores").version == three[1]
    assert deployments.roll_back("shop", "ben", "still wrong scores").version == three[0]
    with pytest.raises(ChurnlabError, match="first version in service"):
        deployments.roll_back("shop", "ben", "and still wrong")


def test_after_a_roll_back_the_next_promotion_returns_to_where_it_was(deployments, three):
    deployments.roll_back("shop", "ben", "wrong scores")
    deployments.promote("shop", three[0], "ana", WHY)
    assert deployments.roll_back("shop", "ben", "wrong scores").version == three[1]


def test_a_pin_holds_promotions_up_and_not_roll_backs(deployments, three):
    deployments.pin("shop", "ben", "audit until Friday")
    with pytest.raises(ChurnlabError, match=r"pinned to .* by ben: audit until Friday"):
        deployments.promote("shop", three[0], "ana", WHY)
    assert deployments.roll_back("shop", "ben", "wrong scores").pinned
    deployments.pin("shop", "ben", "the audit is over", pinned=False)
    assert deployments.promote("shop", three[2], "ana", WHY).version == three[2]


def test_a_roll_back_goes_only_to_what_has_been_in_service(deployments, three, tmp_path):
    refused = deployments.add("shop", bundle(tmp_path / "d", "d"), {})
    with pytest.raises(ChurnlabError, match=f"{refused} has never been in service.*{three[0]}"):
        deployments.roll_back("shop", "ben", "wrong scores", version=refused)
    assert deployments.current("shop").version == three[2]
    assert deployments.roll_back("shop", "ben", "wrong scores", version=three[0])


def test_a_roll_back_forth_to_a_later_version_keeps_the_way_back(deployments, three):
    deployments.roll_back("shop", "ben", "wrong scores")
    deployments.roll_back("shop", "ben", "it was not that one", version=three[2])
    assert deployments.roll_back("shop", "ben", "wrong scores").version == three[1]
    assert deployments.roll_back("shop", "ben", "still wrong scores").version == three[0]


def test_who_pinned_is_named_whatever_was_changed_since(deployments, three):
    deployments.pin("shop", "ben", "audit until Friday")
    deployments.roll_back("shop", "eva", "wrong scores")
    with pytest.raises(ChurnlabError, match=r"pinned to .* by ben: audit until Friday"):
        deployments.promote("shop", three[0], "ana", WHY)


@pytest.mark.parametrize("why", ["", "because", "   short   "])
def test_a_change_without_a_reason_is_refused_and_nothing_changes(deployments, three, why):
    with pytest.raises(ChurnlabError, match="too short; say why"):
        deployments.roll_back("shop", "ben", why)
    assert deployments.current("shop").version == three[2]


def test_an_altered_bundle_is_neither_added_nor_put_into_service(deployments, three, tmp_path):
    altered = bundle(tmp_path / "altered", "altered")
    (altered / "model.onnx").write_text("something else")
    with pytest.raises(ChurnlabError, match="sha256 is"):
        deployments.add("shop", altered, {})
    (deployments.bundle("shop", three[0]) / "model.onnx").write_text("planted")
    with pytest.raises(ChurnlabError, match="sha256 is"):
        deployments.promote("shop", three[0], "ana", WHY)
    assert deployments.current("shop").version == three[2]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.onnx", "planted"),
        ("manifest.json", "{}"),
        ("manifest.json", "[1]"),
        ("words.json", None),
    ],
)
def test_adding_a_version_again_mends_what_was_altered_of_it(
    deployments, three, tmp_path, file, content
):
    path = deployments.bundle("shop", three[0]) / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert not deployments.intact("shop", three[0])
    assert deployments.add("shop", tmp_path / "a", {}) == three[0]
    assert deployments.intact("shop", three[0])
    assert deployments.promote("shop", three[0], "ana", WHY).version == three[0]


def test_a_manifest_that_is_none_is_told_as_such(deployments, three):
    (deployments.bundle("shop", three[0]) / "manifest.json").write_text("cut sho")
    with pytest.raises(ChurnlabError, match=r"manifest.json: is no manifest; publish"):
        deployments.promote("shop", three[0], "ana", WHY)


def test_an_unknown_version_names_those_that_are_here(deployments, three):
    with pytest.raises(ChurnlabError, match=f"no version 000 here; known: .*{three[0]}"):
        deployments.promote("shop", "000", "ana", WHY)


@pytest.mark.parametrize("name", ["../etc", "", "A shop", "a/b"])
def test_a_name_that_is_no_study_reaches_no_file(deployments, name):
    with pytest.raises(ChurnlabError, match="small letters"):
        deployments.current(name)


def _promote(arguments):
    root, version, who = arguments
    Deployments(root).promote("shop", version, who, WHY)


def test_changes_at_the_same_time_are_all_kept(deployments, three):
    calls = [(deployments.root, three[i % 3], f"person {i}") for i in range(24)]
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(_promote, calls))
    changes = deployments.current("shop").changes[3:]
    assert {change.by for change in changes} == {who for *_, who in calls}
    assert all(b.origin == a.version for a, b in pairwise(changes))
