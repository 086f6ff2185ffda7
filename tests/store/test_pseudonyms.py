"""Pseudonyms follow from the key alone, and ids of the data are found nowhere that Feast writes."""

import hashlib
import sqlite3
import stat

import pandas as pd
import pytest

from churnlab.errors import ChurnlabError
from churnlab.store.pseudonyms import PSEUDONYM, VARIABLE, PseudonymKey, load_key
from store.served import KEY, as_served, served

A, B = PseudonymKey(b"a" * 40), PseudonymKey(b"b" * 40)


def hmac_sha256(key, text):
    """RFC 2104, written out."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(x ^ 0x36 for x in padded) + text).digest()
    return hashlib.sha256(bytes(x ^ 0x5C for x in padded) + inner).hexdigest()


def test_a_pseudonym_is_the_keyed_hash_of_study_and_id():
    assert A.pseudonyms("bank", ["15634602"]) == [hmac_sha256(b"a" * 40, b"bank:15634602")[:32]]


def test_the_same_key_gives_the_same_pseudonym_and_another_key_or_study_another_one():
    once, again = A.pseudonyms("bank", ["1", "2"]), A.pseudonyms("bank", ["1", "2"])

    assert once == again
    assert len({*once, *B.pseudonyms("bank", ["1", "2"]), *A.pseudonyms("loans", ["1", "2"])}) == 6
    assert A.name != B.name
    assert all(PSEUDONYM.fullmatch(one) for one in once)


def test_a_key_does_not_show_its_secret():
    assert "aaaa" not in repr(A)
    assert "aaaa" not in A.name


def test_a_key_is_drawn_once_for_the_eyes_of_its_owner(tmp_path):
    file = tmp_path / "private" / "pseudonym.key"
    drawn = load_key(file, {}, create=True)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert load_key(file, {}, create=True) == load_key(file, {}) == drawn
    assert load_key(tmp_path / "other.key", {}, create=True) != drawn


def test_the_key_of_the_environment_comes_first_and_leaves_no_file(tmp_path):
    file = tmp_path / "pseudonym.key"

    assert load_key(file, {VARIABLE: KEY}, create=True).secret == KEY.encode()
    assert not file.exists()


@pytest.mark.parametrize(
    ("environment", "content", "mode", "told"),
    [
        ({}, None, None, f"set {VARIABLE}"),
        ({VARIABLE: "short"}, None, None, "5 characters and 32 are needed"),
        ({VARIABLE: ""}, None, None, "0 characters and 32 are needed"),
        ({}, "short", 0o600, "5 characters and 32 are needed"),
        ({}, "k" * 40, 0o640, "chmod 600"),
    ],
)
def test_a_key_that_is_missing_or_weak_or_open_is_refused(
    tmp_path, environment, content, mode, told
):
    file = tmp_path / "pseudonym.key"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)

    with pytest.raises(ChurnlabError, match=told):
        load_key(file, environment)


def written_below(folder):
    """All that can be read in the files below a folder: bytes, rows of Parquet, SQLite's tables."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.read_bytes()
            if file.suffix == ".parquet":
                yield pd.read_parquet(file).to_csv().encode()
            if file.suffix == ".db" and file.read_bytes().startswith(b"SQLite"):
                with sqlite3.connect(file) as connection:
                    yield "\n".join(connection.iterdump()).encode()


@pytest.mark.slow
def test_no_id_of_the_data_is_in_any_file_of_the_store(root):
    study = served(root, "bank")
    ids = pd.read_parquet(study.paths.store_rows)["customer"].tolist()
    study.apply()
    study.materialise()

    texts = list(written_below(root / ".churnlab"))

    assert len(texts) > 5
    assert len(ids) == 80
    assert not [one for one in ids for text in texts if one.encode() in text]
    assert any(as_served(study, ids)[0].encode() in text for text in texts)
    assert not any(KEY.encode() in text for text in texts)


@pytest.mark.slow
def test_no_id_of_the_data_is_in_redis(root, redis_server):
    redis_server.client().flushall()
    study = served(root, "bank", CHURNLAB_ONLINE_STORE=redis_server.url)
    ids = pd.read_parquet(study.paths.store_rows)["customer"].tolist()
    study.apply()
    study.materialise()
    client = redis_server.client()

    held = [(key, client.hgetall(key)) for key in client.scan_iter()]

    assert len(held) == len(ids)
    assert not [one for one in ids if one.encode() in repr(held).encode()]
    assert redis_server.password.encode() not in b"".join(written_below(root / ".churnlab"))


@pytest.mark.slow
def test_after_another_key_the_store_asks_to_be_registered_anew(root):
    study = served(root, "bank")
    study.apply()
    study.materialise()
    other = served(root, "bank", CHURNLAB_PSEUDONYM_KEY="another" * 8)
    other.apply()

    with pytest.raises(ChurnlabError, match="churnlab store materialise bank"):
        other.lookup(as_served(other, ["15000001"]))
    other.materialise()

    assert other.lookup(as_served(other, ["15000001"]))
    with pytest.raises(ChurnlabError, match="unknown customer id"):
        other.lookup(as_served(study, ["15000001"]))


@pytest.mark.slow
def test_the_folder_of_the_store_is_for_its_owner_alone(root):
    study = served(root, "telecom")
    study.apply()

    assert stat.S_IMODE(study.folder.stat().st_mode) == 0o700
