"""Versions published, promoted through the gate, rolled back and pinned, by real commands."""

import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
from itertools import pairwise

import httpx
import numpy as np
import pandas as pd
import pytest

from churnlab.champions.bundle import BundledModel
from churnlab.deployments import Deployments
from churnlab.errors import ChurnlabError
from churnlab.paths import StudyPaths, private_dir
from churnlab.registry.promotion import Registry, deployments_dir, promote
from churnlab.registry.tracking import opened
from deploy.native import mlflow, registered
from registry.conftest import WHY, done, run
from servers.postgres import postgres
from serving.server import keys_of, serving
from stages.studies import environment

__all__ = ["postgres"]
pytestmark = [pytest.mark.slow, pytest.mark.pipeline]


def deployments(repository):
    return Deployments(deployments_dir(private_dir(repository.root)))


def versions(repository):
    with opened(repository.root) as tracking:
        return Registry(
            repository.root, "telecom", tracking, private_dir(repository.root)
        ).versions.all()


def champion(repository):
    return next((one.bundle for one in versions(repository) if "champion" in one.aliases), None)


def test_publishing_twice_changes_nothing(copy):
    first = done("publish", "telecom")
    before = versions(copy)
    with opened(copy.root) as tracking:
        runs = len(tracking.client.search_runs([tracking.experiment("telecom")]))
    assert "telecom v1" in first
    assert "published already, nothing changed" in done("publish", "telecom")
    assert versions(copy) == before
    assert [one.aliases for one in before] == [("challenger",)]
    with opened(copy.root) as tracking:
        assert len(tracking.client.search_runs([tracking.experiment("telecom")])) == runs
    assert deployments(copy).versions("telecom") == [before[0].bundle]


def test_the_published_model_says_what_the_bundle_says_and_bears_its_origin(copy):
    import mlflow

    done("publish", "telecom")
    paths = StudyPaths(copy.root, "telecom")
    rows = pd.read_parquet(paths.prepared_test)
    (version,) = versions(copy)
    with opened(copy.root) as tracking:
        served = mlflow.pyfunc.load_model("models:/telecom@challenger")
        columns = served.metadata.signature.inputs.input_names()
        kinds = dict(zip(columns, served.metadata.signature.inputs.input_types(), strict=True))
        numbers = [name for name, kind in kinds.items() if kind.name == "double"]
        found = served.predict(rows[columns].astype(dict.fromkeys(numbers, "float64")))
        origin = tracking.client.get_run(version.run).data
        kept = {one.path for one in tracking.client.list_artifacts(version.run)}
    np.testing.assert_array_equal(found["p"], BundledModel.load(paths.bundle_dir).predict(rows))
    assert origin.tags["churnlab.commit"] == copy.git("rev-parse", "HEAD").strip()
    lock = {out["path"]: out["md5"] for s in copy.lock().values() for out in s.get("outs", [])}
    assert origin.tags["dvc.bundle"] == lock["bundles/telecom"]
    card = json.loads((paths.bundle_dir / "card.json").read_text())
    assert origin.metrics["cv.log_loss"] == card["metrics"]["cv"]["log_loss"]
    assert {"card.md", "words.json", "evidence", "bundle", "dvc.json"} <= kept


def test_no_file_of_a_published_version_is_a_pickle(copy):
    done("publish", "telecom")
    names = {path.name for path in (copy.root / ".churnlab/mlartifacts").rglob("*")}
    assert "model.onnx" in names
    assert not [name for name in names if name.endswith((".pkl", ".joblib", ".pickle"))]


def test_words_are_those_of_the_catalog_and_the_metrics(copy):
    done("publish", "telecom")
    (version,) = deployments(copy).versions("telecom")
    folder = deployments(copy).bundle("telecom", version)
    words = json.loads((folder / "words.json").read_text())
    schema = json.loads((folder / "schema.json").read_text())["columns"]
    paths = StudyPaths(copy.root, "telecom")
    model = json.loads((folder / "card.json").read_text())["champion"]
    train, test = (pd.read_parquet(p) for p in (paths.prepared_train, paths.prepared_test))
    stayed = train[train["y"] == 0]["total_day_minutes"].median()
    assert words["columns"]["total_day_minutes"]["usual"] == pytest.approx(stayed)
    assert words["columns"]["state"]["usual"] is None
    assert set(words["columns"]) == set(schema)
    assert words["metrics"] == json.loads(paths.metrics("test").read_text())[model]
    matrix = words["curves"]["confusion"]
    assert sum(matrix.values()) == len(test)
    assert matrix["tp"] + matrix["fn"] == test["y"].sum()
    assert words["curves"]["gain"][-1] == {"share": 1, "found": 1}
    assert sum(bin["rows"] for bin in words["curves"]["calibration"]) == len(test)
    assert words["git"] == copy.git("rev-parse", "HEAD").strip()
    assert (words["entity"], words["value"], words["groups"]) == ("customer", 200, {"high": 0.3})
    (first, *_), (row, *_) = words["examples"]["rows"], test.to_dict("records")
    assert first == {name: row[name] for name in schema}


def test_predictions_are_published_without_ids(copy):
    done("publish", "telecom")
    (version,) = versions(copy)
    paths = StudyPaths(copy.root, "telecom")
    ids = set(pd.read_parquet(paths.prepared_test)["id"])
    with (
        opened(copy.root) as tracking,
        Registry(copy.root, "telecom", tracking, private_dir(copy.root)).versions.files(
            version, "evidence"
        ) as folder,
    ):
        kept = pd.read_parquet(folder / "test.parquet")
    assert sorted(kept["id"]) == list(range(len(ids)))
    assert set(kept["id"]) != ids


def test_the_gate_measures_every_check_and_the_change_is_kept(published):
    first, second = (one.bundle for one in versions(published))
    said = done("promote", "telecom", "--version", "v1", "--why", "the first one", "--by", "ana")
    assert "there is no champion yet" in said
    said = done("promote", "telecom", "--why", WHY, "--by", "ben")
    for check in ("comparison: log_loss", "calibration: ece", "schema", "parity", "latency"):
        assert check in said
    assert "the same inputs" in said
    assert champion(published) == deployments(published).current("telecom").version == second
    change = deployments(published).current("telecom").changes[-1]
    assert (change.by, change.origin, change.version) == ("ben", first, second)
    history = done("history", "telecom")
    assert re.search(rf"ben +promote +v1 {first} +v2 {second} +.*{WHY}", history)
    assert "in service" in history
    assert published.git("tag", "--list", "telecom*").split() == [
        "telecom#prod#1",
        "telecom#prod#2",
        "telecom@v1.0.0",
        "telecom@v2.0.0",
    ]
    tagged = published.git("rev-list", "-n", "1", "telecom@v1.0.0")
    assert tagged == published.git("rev-parse", "first")


def test_a_worse_version_stays_out_unless_forced_with_a_reason(published):
    done("promote", "telecom", "--version", "v2", "--why", "the better one")
    refused = run("promote", "telecom", "--version", "v1", "--why", WHY)
    assert refused.exit_code == 1
    assert "v1 stays out: comparison: log_loss" in refused.output
    assert deployments(published).current("telecom").version == versions(published)[1].bundle
    assert run("promote", "telecom", "--version", "v1", "--why", "no", "--force").exit_code == 1
    done("promote", "telecom", "--version", "v1", "--why", "the better one is late", "--force")
    why = deployments(published).current("telecom").changes[-1].why
    assert re.fullmatch(r"forced past comparison: log_loss.*: the better one is late", why)


def test_a_bound_that_is_not_met_is_named(published):
    refused = run("promote", "telecom", "--why", WHY, "--latency", "0")
    assert refused.exit_code == 1
    assert "v2 stays out: latency of one row" in refused.output


def test_rolling_back_goes_one_step_and_moves_alias_record_and_tag(published):
    first = versions(published)[0].bundle
    done("promote", "telecom", "--version", "v1", "--why", "the first one")
    assert "first version in service" in run("rollback", "telecom", "--why", WHY).output
    done("promote", "telecom", "--version", "v2", "--why", "the second one")
    assert f"back at v1 ({first})" in done("rollback", "telecom", "--why", "wrong scores")
    assert champion(published) == deployments(published).current("telecom").version == first
    assert "telecom#prod#3" in published.git("tag", "--points-at", "first").split()


def test_a_pin_holds_promotions_up_until_it_is_off(published):
    done("promote", "telecom", "--version", "v1", "--why", "the first one")
    done("pin", "telecom", "--why", "audit until Friday", "--by", "ben")
    refused = run("promote", "telecom", "--version", "v2", "--why", WHY)
    assert refused.exit_code == 1
    assert "by ben: audit until Friday" in refused.output
    assert champion(published) == versions(published)[0].bundle
    done("unpin", "telecom", "--why", "the audit is over")
    done("promote", "telecom", "--version", "v2", "--why", WHY)


def test_tags_of_others_stay_as_they_are(published):
    others = ["v9.1", "telecom-champion@v1.0.0", "bank@v1.0.0", "bank#prod#1"]
    for tag in others:
        published.git("tag", "--annotate", "--message=others", tag, "first")
    before = {tag: published.git("rev-parse", tag) for tag in others}
    done("promote", "telecom", "--why", WHY)
    assert {tag: published.git("rev-parse", tag) for tag in others} == before
    assert "telecom@v2.0.0" in published.git("tag").split()


def test_a_tag_of_another_registry_in_the_way_is_named_and_the_promotion_stands(published):
    published.git("tag", "--annotate", "--message=other", "telecom@v2.0.0", "first")
    said = run("promote", "telecom", "--why", WHY)
    assert said.exit_code == 0
    assert "not tagged in Git: the tag telecom@v2.0.0 names" in said.output
    assert champion(published) == versions(published)[1].bundle


def test_files_that_differ_from_the_commit_are_not_published(copy):
    (copy.root / "params.yaml").open("a").write("# tried\n")
    refused = run("publish", "telecom")
    assert refused.exit_code == 1
    assert "files differ from the commit" in refused.output
    assert "params.yaml" in refused.output
    assert versions(copy) == []


def test_without_git_it_says_that_a_commit_is_needed(copy):
    shutil.rmtree(copy.root / ".git")
    refused = run("publish", "telecom")
    assert refused.exit_code == 1
    assert "no commit of Git here" in refused.output


def test_a_bundle_of_another_run_is_not_published(copy):
    shutil.rmtree(copy.root / "bundles/telecom")
    copy.git("checkout", "--quiet", "first")
    copy.dvc("checkout", "bundles/telecom")
    copy.git("checkout", "--quiet", "second")
    refused = run("publish", "telecom")
    assert refused.exit_code == 1
    assert "`dvc checkout bundles/telecom` brings the committed one back" in refused.output


def test_another_machine_gets_the_version_from_the_registry(published, monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{published.root / '.churnlab/mlflow.db'}")
    other = tmp_path / "other"
    published.git("clone", "--quiet", ".", str(other))
    monkeypatch.chdir(other)
    done("promote", "telecom", "--version", "v1", "--why", "for the branch office")
    deployed = Deployments(deployments_dir(private_dir(other)))
    assert deployed.current("telecom").version == versions(published)[0].bundle
    monkeypatch.chdir(published.root)
    assert "promoted from another machine" in run("history", "telecom").output


def _killed(root, bundle):
    """Die between MLflow's alias and the record of this machine."""
    with opened(root) as tracking:
        registry = Registry(root, "telecom", tracking, private_dir(root))
        registry.move(registry.versions.named(bundle), lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_a_promotion_killed_between_its_steps_is_mended_by_the_next_command(published):
    first, second = (one.bundle for one in versions(published))
    done("promote", "telecom", "--version", first, "--why", "the first one")
    process = multiprocessing.get_context("spawn").Process(
        target=_killed, args=(published.root, second)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert (champion(published), deployments(published).current("telecom").version) == (
        second,
        first,
    )
    assert "cut short" in run("history", "telecom").output
    assert f"the alias `champion` is back at {first}" in run("publish", "telecom").output
    assert champion(published) == first
    done("promote", "telecom", "--version", second, "--why", "once more, please")
    assert champion(published) == deployments(published).current("telecom").version == second


def test_a_step_that_fails_takes_the_other_back(published):
    first, second = (one.bundle for one in versions(published))
    done("promote", "telecom", "--version", first, "--why", "the first one")
    with opened(published.root) as tracking:
        registry = Registry(published.root, "telecom", tracking, private_dir(published.root))
        with pytest.raises(ChurnlabError, match="too short"):
            promote(registry, registry.versions.named(second), "ana", "no")
    assert champion(published) == deployments(published).current("telecom").version == first
    assert versions(published)[1].aliases == ("challenger",)


def test_an_alias_that_follows_nobody_here_follows_what_an_operator_did(published):
    """The service changes what is in service without MLflow; the next command brings it along."""
    first, second = (one.bundle for one in versions(published))
    for version in (first, second):
        done("promote", "telecom", "--version", version, "--why", "one after the other")
    deployments(published).roll_back("telecom", "operator", "alarm at night")
    assert champion(published) == second
    run("publish", "telecom")
    assert champion(published) == first


def test_a_champion_whose_files_were_altered_is_mended_by_promoting_it_again(published):
    (first, _) = (one.bundle for one in versions(published))
    done("promote", "telecom", "--version", first, "--why", "the first one")
    done("pin", "telecom", "--why", "audit until Friday")
    graph = deployments(published).bundle("telecom", first) / "model.onnx"
    graph.write_bytes(b"altered")
    said = done("promote", "telecom", "--version", first, "--why", "the same again")
    assert "is the champion already; its files were altered here, and are mended" in said
    assert deployments(published).intact("telecom", first)
    assert len(deployments(published).current("telecom").changes) == 2


def test_a_roll_back_needs_no_mlflow_and_the_alias_follows_later(published, monkeypatch):
    first, second = (one.bundle for one in versions(published))
    for version in (first, second):
        done("promote", "telecom", "--version", version, "--why", "one after the other")
    with monkeypatch.context() as gone:
        gone.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
        gone.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        assert "the server does not answer" in run("promote", "telecom", "--why", WHY).output
        said = done("rollback", "telecom", "--why", "alarm at night")
    assert "the server does not answer" in said
    assert f"back at {first}" in said
    assert deployments(published).current("telecom").version == first
    assert champion(published) == second
    run("publish", "telecom")
    assert champion(published) == first


def test_versions_go_where_the_service_of_another_home_reads_them(published, tmp_path, monkeypatch):
    first, second = (one.bundle for one in versions(published))
    home = tmp_path / "home"
    done("promote", "telecom", "--version", first, "--why", WHY, "--home", str(home))
    monkeypatch.setenv("CHURNLAB_HOME", str(home))
    there = Deployments(home / "deployments")
    done("promote", "telecom", "--version", second, "--why", WHY)
    assert there.current("telecom").version == second
    done("publish", "telecom")
    done("pin", "telecom", "--why", "audit until Friday")
    assert there.current("telecom").pinned
    done("unpin", "telecom", "--why", "the audit is over")
    done("rollback", "telecom", "--why", "wrong scores")
    assert there.current("telecom").version == champion(published) == first
    assert "audit until Friday" in done("history", "telecom")
    assert deployments(published).current("telecom") is None
    headers = {"X-API-Key": keys_of(home)["operator"]}
    with serving(home, tmp_path / "log") as server:
        answer = httpx.get(f"{server.url}/v1/telecom/history", headers=headers)
    assert answer.json()["version"] == first


def test_two_promotions_at_once_come_one_after_the_other(published):
    command = [sys.executable, "-m", "churnlab.cli", "promote", "telecom", "--force", "--why"]
    variables = environment(PYTHONPATH=str(published.root / "src"))
    both = [
        subprocess.Popen(
            [*command, f"promoted at once, {name}", "--version", name],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in ("v1", "v2")
    ]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    changes = deployments(published).current("telecom").changes
    assert len(changes) == 2
    assert all(one.version == two.origin for one, two in pairwise(changes))
    assert champion(published) == changes[-1].version
    assert "there is no champion yet" in "".join(said)


def test_a_server_on_postgresql_keeps_what_is_promoted_and_the_service_answers_with_it(
    copy, postgres, tmp_path, monkeypatch
):
    with mlflow(tmp_path, postgres) as url:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
        assert url in done("publish", "telecom")
        assert "is the champion" in done("promote", "telecom", "--why", WHY)
        assert registered(postgres) == [("champion", "telecom", 1)]
    # The server is gone, and is not missed.
    home = deployments_dir(private_dir(copy.root)).parent
    headers = {"X-API-Key": keys_of(home)["scorer"]}
    with serving(home, tmp_path / "log", workers=2) as server:
        paths = httpx.get(f"{server.url}/openapi.json", headers=headers).json()["paths"]
        body = paths["/v1/telecom/predict"]["post"]["requestBody"]["content"]["application/json"]
        rows = body["examples"]["one row"]["value"]
        answer = httpx.post(f"{server.url}/v1/telecom/predict", json=rows, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["model_version"] == deployments(copy).current("telecom").version
