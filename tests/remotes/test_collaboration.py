"""One runs and shares; another has a clone and the remote, and needs to run nothing."""

import json
import shutil

import pytest

from pipeline.repository import dependents, stages_run
from remotes.collaborators import Collaborator, new_repository, owner_of, results
from remotes.servers import PASSWORD, S3, USER, Directory, Http, WebDav

pytestmark = pytest.mark.pipeline

VARIANT = ("-S", "errors.slices=2")


@pytest.fixture(scope="module")
def varied(finished, tmp_path_factory):
    """The finished study, where somebody has then run a variant and gone back."""
    folder = tmp_path_factory.mktemp("varied") / "repository"
    shutil.copytree(finished.root, folder, symlinks=True)
    owner = Collaborator(folder)
    owner.must("dvc", "exp", "run", "--name", "two-slices", *VARIANT, "report@telecom")
    return owner


def test_a_clone_with_nothing_but_the_remote_gets_every_output_without_running_a_stage(
    finished, server, tmp_path
):
    owner = owner_of(finished, tmp_path / "owner", server)
    owner.must("dvc", "push")
    other = owner.clone(tmp_path / "other", server)
    assert not (other.root / "models/telecom/rf/model.joblib").exists()
    other.must("dvc", "pull")
    expected = results(owner)
    assert {name.split("/")[0] for name in expected} == {
        *("data", "models", "plots", "bundles", "reports")
    }
    assert results(other) == expected
    again = other.dvc("repro")
    assert again.returncode == 0, again.stderr
    assert stages_run(again.stdout) == set()
    assert other.git("status", "--porcelain") == ""


def test_after_a_pull_one_changed_parameter_runs_only_the_stages_that_it_reaches(
    finished, start, tmp_path
):
    server = start(Directory)
    owner = owner_of(finished, tmp_path / "owner", server)
    owner.must("dvc", "push")
    other = owner.clone(tmp_path / "other", server)
    other.must("dvc", "pull")
    changed = other.dvc("exp", "run", "-S", "errors.slices=1", "report@telecom")
    assert changed.returncode == 0, changed.stderr
    assert stages_run(changed.stdout) == dependents(other.lock(), "errors@telecom")
    assert stages_run(changed.stdout) == {"errors@telecom", "report@telecom"}


@pytest.mark.parametrize("server", ["directory", "s3"], indirect=True)
def test_a_variant_that_somebody_ran_and_shared_is_restored_instead_of_run(
    varied, server, tmp_path
):
    owner = owner_of(varied, tmp_path / "owner", server)
    assert "runs shared" in owner.must("churnlab", "share")
    owner.git("reset", "--quiet", "--hard", "HEAD~1")
    shared = results(varied)
    other = owner.clone(tmp_path / "other")
    server.configure(other)
    other.must("dvc", "pull", "--run-cache")
    assert results(other) != shared
    repeated = other.dvc("exp", "run", "--pull", *VARIANT, "report@telecom")
    assert repeated.returncode == 0, repeated.stderr
    assert stages_run(repeated.stdout) == set()
    assert results(other) == shared
    slices = json.loads((other.root / "metrics/telecom/errors.json").read_text())
    assert slices == json.loads((varied.root / "metrics/telecom/errors.json").read_text())


def test_the_run_cache_of_a_plain_push_lacks_the_stages_with_outputs_in_git(
    varied, start, tmp_path
):
    """Why `churnlab share` exists; when this fails, DVC has learnt it and share can go."""
    server = start(Directory)
    owner = owner_of(varied, tmp_path / "owner", server)
    owner.must("dvc", "push", "--run-cache")
    owner.git("reset", "--quiet", "--hard", "HEAD~1")
    owner.must("dvc", "checkout")
    server.configure(owner)
    owner.must("dvc", "push")
    owner.git("checkout", "--quiet", "--force", "HEAD")
    other = owner.clone(tmp_path / "other")
    server.configure(other)
    other.must("dvc", "pull", "--run-cache")
    repeated = other.dvc("exp", "run", "--pull", *VARIANT, "report@telecom")
    assert stages_run(repeated.stdout) == {"errors@telecom"}


def test_outputs_that_are_not_up_to_date_are_not_shared(finished, start, tmp_path):
    server = start(Directory)
    owner = owner_of(finished, tmp_path / "owner", server)
    owner.change_params(lambda params: params["errors"].update(slices=1))
    refused = owner.run("churnlab", "share")
    assert refused.returncode == 1
    assert "errors@telecom" in refused.stderr
    assert "dvc repro" in refused.stderr
    assert server.objects() == {}


def test_a_read_only_web_address_serves_pulls_and_refuses_pushes(start, tmp_path):
    server = start(Http)
    owner = new_repository(tmp_path / "owner")
    owner.add("table.txt", b"published\n")
    owner.must("dvc", "remote", "add", "--local", "folder", str(server.store))
    owner.must("dvc", "push", "--remote", "folder")
    server.configure(owner)
    owner.commit("a table")
    other = owner.clone(tmp_path / "other", server)
    other.must("dvc", "pull")
    assert (other.root / "table.txt").read_bytes() == b"published\n"
    other.add("table.txt", b"another edition\n")
    refused = other.dvc("push")
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr


def test_keys_in_the_environment_are_enough_for_s3(start, tmp_path):
    server = start(S3)
    keys = server.local_settings
    server.local_settings = {}
    owner = new_repository(
        tmp_path / "owner",
        AWS_ACCESS_KEY_ID=keys["access_key_id"],
        AWS_SECRET_ACCESS_KEY=keys["secret_access_key"],
    )
    server.configure(owner)
    owner.add("table.txt", b"rows\n")
    owner.must("dvc", "push")
    assert len(server.objects()) == 1
    assert not (owner.root / ".dvc/config.local").exists()


def test_a_webdav_folder_has_to_be_made_before_the_first_push(start, tmp_path):
    server = start(WebDav)
    server.store.rmdir()
    owner = new_repository(tmp_path / "owner")
    server.configure(owner)
    owner.add("table.txt", b"rows\n")
    refused = owner.dvc("push")
    assert refused.returncode != 0
    assert "could not be found in the server" in refused.stderr
    login = f"{USER}:{PASSWORD}"
    address = f"http://127.0.0.1:{server.port}/lab/"
    owner.must("curl", "--silent", "--fail", "--user", login, "--request", "MKCOL", address)
    owner.must("dvc", "push")
    assert len(server.objects()) == 1
