"""A simulated marketplace as a study: from `churnlab simulate` to typed tables, by real DVC."""

import json
import shutil

import pyarrow.parquet as pq
import pytest
import yaml

from pipeline.repository import Repository, stages_run
from stages.studies import REPOSITORY, make_repository

pytestmark = pytest.mark.pipeline
PROGRAM = "import sys; sys.path.insert(0, 'src'); from churnlab.cli import app; app()"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository whose marketplace was simulated and went through events."""
    root = make_repository(tmp_path_factory.mktemp("market") / "repository")
    for name in ("dvc.yaml", ".dvcignore", ".gitignore", ".gitattributes"):
        shutil.copy(REPOSITORY / name, root / name)
    shutil.copy(REPOSITORY / "data/catalog/olist.yaml", root / "data/catalog")
    shutil.copytree(
        REPOSITORY / ".dvc", root / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp", "*.local")
    )
    repository = Repository(root)
    repository.git("init", "--quiet", "--initial-branch=main")
    size = ("--sellers", "60", "--months", "6", "--seed", "1")
    where = ("--output", str(root.parent / "made"), "--study", "market")
    done = repository.run("python", "-c", PROGRAM, "simulate", "olist", *size, *where)
    assert done.returncode == 0, done.stderr
    published = yaml.safe_load((REPOSITORY / "params.yaml").read_text())["events"]["olist"]
    repository.change_params(
        lambda p: p.update(
            studies=["telecom", "market"], event_studies=["market"], events={"market": published}
        )
    )
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message=a marketplace")
    first = repository.dvc("repro", "events@market")
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    repository.first_run = first.stdout
    return repository


def test_ingest_and_events_run_for_the_event_study_alone(repository):
    assert stages_run(repository.first_run) == {"ingest@market", "events@market"}


def test_orders_reviews_and_tickets_are_there_and_items_happen_at_the_purchase(repository):
    folder = repository.root / "data/events/market"
    quality = json.loads((folder / "quality.json").read_text())

    assert quality["absent"] == []
    assert quality["times"]["items"]["event_time"] == "orders.order_purchase_timestamp"
    for name in ("items", "orders", "reviews", "tickets"):
        assert pq.read_metadata(folder / f"{name}.parquet").num_rows > 0


def test_a_second_run_does_nothing_and_a_forced_one_gives_the_same_bytes(repository):
    lock = repository.lock_bytes

    assert stages_run(repository.dvc("repro", "events@market").stdout) == set()
    forced = repository.dvc("repro", "--force", "events@market")
    assert stages_run(forced.stdout) == {"ingest@market", "events@market"}
    assert repository.lock_bytes == lock


def test_a_changed_published_file_is_refused(repository):
    items = repository.root.parent / "made/olist_order_items_dataset.csv"
    content = items.read_bytes()
    items.write_bytes(content + b"\n")
    try:
        done = repository.dvc("repro", "--force", "ingest@market")
    finally:
        items.write_bytes(content)

    assert done.returncode != 0
    assert "it is not the published olist_order_items_dataset.csv" in done.stdout + done.stderr
