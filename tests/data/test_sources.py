"""Published bytes come from the first place that has them, and only if they are the right ones."""

import hashlib
import socket

import pytest

from churnlab.data.sources import DEFAULT_MIRROR, default_mirror, fetch, sha256
from churnlab.errors import ChurnlabError
from data.tables import table

CONTENT = table().encode()


def with_source(catalog, **changes):
    return catalog.model_copy(update={"source": catalog.source.model_copy(update=changes)})


@pytest.fixture
def mirror(tmp_path):
    folder = tmp_path / "mirror" / "small"
    folder.mkdir(parents=True)
    return folder.parent


def test_the_file_that_ships_with_the_repository_is_the_published_one(repo_root, telecom):
    content = (repo_root / telecom.source.published_path).read_bytes()

    assert fetch(telecom, repo_root) == content
    assert len(content) == telecom.source.bytes
    assert hashlib.sha256(content).hexdigest() == telecom.source.sha256


def test_the_mirror_is_used_when_the_repository_does_not_have_the_file(small, tmp_path, mirror):
    (mirror / "small" / "small.csv").write_bytes(CONTENT)

    assert fetch(small, tmp_path, mirror) == CONTENT


def test_the_repository_comes_before_the_mirror(small, tmp_path, mirror):
    (mirror / "small" / "small.csv").write_bytes(b"never read")
    (tmp_path / "shipped.csv").write_bytes(CONTENT)

    assert fetch(with_source(small, published_path="shipped.csv"), tmp_path, mirror) == CONTENT


def test_the_public_address_is_the_last_resort(small, tmp_path, mirror):
    public = tmp_path / "public.csv"
    public.write_bytes(CONTENT)

    assert fetch(with_source(small, url=public.as_uri()), tmp_path, mirror) == CONTENT


def test_the_environment_names_the_mirror_and_a_folder_beside_the_repository_is_the_default(
    tmp_path, monkeypatch, small, mirror
):
    assert default_mirror(tmp_path, {"CHURNLAB_DATA_MIRROR": "elsewhere"}).name == "elsewhere"
    assert default_mirror(tmp_path, {}) == tmp_path / DEFAULT_MIRROR

    (mirror / "small" / "small.csv").write_bytes(CONTENT)
    monkeypatch.setenv("CHURNLAB_DATA_MIRROR", str(mirror))
    assert fetch(small, tmp_path / "repository") == CONTENT


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (CONTENT[:-7], "truncated"),
        (CONTENT + b"x", "longer"),
        (CONTENT.replace(b"basic", b"BASIC"), "altered"),
        (b"", "truncated"),
    ],
)
def test_a_wrong_file_is_an_error_even_if_a_later_place_has_the_right_one(
    small, tmp_path, mirror, content, shape
):
    wrong = mirror / "small" / "small.csv"
    wrong.write_bytes(content)
    right = tmp_path / "public.csv"
    right.write_bytes(CONTENT)

    with pytest.raises(ChurnlabError) as error:
        fetch(with_source(small, url=right.as_uri()), tmp_path, mirror)

    message = str(error.value)
    assert f"{wrong}: the file is {shape}" in message
    assert f"{len(content):,} bytes, expected {len(CONTENT):,}" in message
    assert f"{sha256(content)}, expected {small.source.sha256}" in message
    assert "fetch it again" in message


def test_a_wrong_download_is_told_with_its_address(small, tmp_path, mirror):
    public = tmp_path / "public.csv"
    public.write_bytes(CONTENT[:100])

    with pytest.raises(ChurnlabError, match=r"file://.*public.csv: the file is truncated"):
        fetch(with_source(small, url=public.as_uri()), tmp_path, mirror)


def test_offline_without_a_mirror_the_error_says_what_to_bring_and_what_runs_anyway(
    small, tmp_path
):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/small.csv"
        with pytest.raises(ChurnlabError) as error:
            fetch(with_source(small, url=url), tmp_path, tmp_path / "no mirror", timeout=5)

    message = str(error.value)
    for part in (
        "small.csv",
        url,
        small.source.sha256,
        str(tmp_path / "no mirror" / "small" / "small.csv"),
        "CHURNLAB_DATA_MIRROR",
        "dvc repro report@telecom",
        "dvc repro -k",
    ):
        assert part in message


def test_a_study_without_public_address_says_so(small, tmp_path, mirror):
    with pytest.raises(ChurnlabError, match="gives no public address"):
        fetch(small, tmp_path, mirror)
