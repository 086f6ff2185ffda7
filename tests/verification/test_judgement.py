"""What is said of outputs whose own content says nothing, or is not at hand."""

import pytest

from churnlab.verification.judgement import Finding, decide
from churnlab.verification.record import StageRecord

RECORD = {
    "train": StageRecord("", {"code": ""}, {}, {"model": "", "predictions": ""}),
    "judge": StageRecord("", {"predictions": ""}, {}, {"metrics": ""}),
    "draw": StageRecord("", {"metrics": ""}, {}, {"picture": ""}),
}


def verdict_of(path, **verdicts):
    """Return the decision on one output; those not named are identical."""
    findings = {
        out: Finding(
            stage,
            out,
            verdicts.get(out, "identical"),
            compared=verdicts.get(out) != "undecided",
        )
        for stage, entry in RECORD.items()
        for out in entry.outs
    }
    return decide(findings[path], list(findings.values()), RECORD)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, "accepted"),
        ({"metrics": "within tolerance"}, "accepted"),
        ({"predictions": "undecided", "metrics": "within tolerance"}, "accepted"),
        ({"predictions": "different"}, "different"),
        ({"metrics": "different"}, "different"),
    ],
)
def test_an_estimator_is_judged_by_what_was_made_with_it(others, expected):
    found = verdict_of("model", model="undecided", **others)
    assert found.verdict == expected
    if expected == "different":
        assert next(iter(others)) in found.note


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"metrics": "within tolerance"}, "accepted"),
        ({"predictions": "within tolerance"}, "accepted"),
        ({}, "different"),  # Nothing explains other bytes.
        ({"metrics": "different"}, "different"),
        ({"predictions": "undecided", "model": "undecided", "metrics": "undecided"}, "different"),
    ],
)
def test_a_picture_that_is_not_at_hand_is_judged_by_what_it_was_drawn_from(others, expected):
    assert verdict_of("picture", picture="undecided", **others).verdict == expected


def test_what_was_compared_keeps_its_verdict():
    assert verdict_of("predictions", predictions="different").verdict == "different"
    assert verdict_of("predictions", metrics="different").verdict == "identical"


def test_a_manifest_beside_files_that_agree_is_accepted():
    bundle = Finding("draw", "picture", "undecided", note="it is judged", compared=True)
    assert decide(bundle, [bundle], RECORD).verdict == "accepted"
