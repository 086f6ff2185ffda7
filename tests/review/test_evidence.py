"""What is read of a model in a revision."""

import json

import pytest

from churnlab.review.evidence import load_evidence
from churnlab.review.revisions import WORKSPACE, Revision
from churnlab.serialization import write_parquet
from review.samples import evidence
from stages.studies import write_yaml

EVENTS = {"olist": {"horizon_days": 45}}


def files_of(root, study, events):
    """A workspace with the files of one model, without the stages that make them."""
    known = evidence(1.0, name="rf")
    write_yaml(root / "params.yaml", {"events": events})
    folder = root / f"metrics/{study}"
    folder.mkdir(parents=True)
    comparison = {"champion": "rf", "best": "rf", "pairs": [], "primary": "log_loss"}
    (folder / "comparison.json").write_text(json.dumps(comparison))
    for part, frame in (("test", known.test), ("cv", known.held_out)):
        write_parquet(root / f"data/predictions/{study}/rf/{part}.parquet", frame)
    return known


@pytest.mark.parametrize(
    ("study", "events", "horizon"),
    [("olist", EVENTS, 45), ("telecom", EVENTS, None), ("telecom", None, None)],
)
def test_only_of_an_event_study_are_the_folds_ordered_in_time(tmp_path, study, events, horizon):
    known = files_of(tmp_path, study, events)
    found = load_evidence(Revision(tmp_path, WORKSPACE), study, None)
    assert found.horizon_days == horizon
    assert (found.threshold, found.primary) == (known.threshold, "log_loss")
