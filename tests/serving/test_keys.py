"""Keys: kept as hashes, with a role and an end."""

import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import pytest

from churnlab.errors import ChurnlabError
from churnlab.serving.keys import Keys

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path / "below" / "keys.db", now=lambda: NOW)


def test_a_key_is_good_for_its_role_and_kept_as_a_hash_alone(keys):
    key, text = keys.create("crm", "scorer")
    assert keys.check(text) == key
    assert (key.name, key.role) == ("crm", "scorer")
    held = keys.path.read_bytes()
    assert text.encode() not in held
    assert text.split("_", 2)[2].encode() not in held


def test_only_the_owner_may_read_the_file(keys):
    keys.create("crm", "scorer")
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.path.parent.stat().st_mode) == 0o700


def test_another_secret_or_form_is_no_key(keys):
    _, text = keys.create("crm", "scorer")
    for wrong in ("", text[:-1], text[:-1] + ("a" if text[-1] != "a" else "b"), text + "a", "clk_"):
        assert keys.check(wrong) is None


def test_a_key_ends_with_its_days(keys):
    _, text = keys.create("trial", "analyst", days=30)
    later = Keys(keys.path, now=lambda: NOW + timedelta(days=30))
    just_before = Keys(keys.path, now=lambda: NOW + timedelta(days=30, seconds=-1))
    assert just_before.check(text)
    assert later.check(text) is None
    assert later.valid(text[4:12]) is None


def test_a_revoked_key_stays_in_the_list_and_its_first_day_is_kept(keys):
    key, text = keys.create("crm", "scorer")
    other = Keys(keys.path, now=lambda: NOW)
    assert other.check(text)
    revoked = keys.revoke(key.id)
    assert other.check(text) is None
    later = Keys(keys.path, now=lambda: NOW + timedelta(days=1))
    assert later.revoke(key.id).revoked == revoked.revoked
    assert [one.id for one in later.all()] == [key.id]


def test_a_file_that_was_put_in_place_of_another_is_read(keys, tmp_path):
    _, first = keys.create("crm", "scorer")
    assert keys.check(first)
    restored = Keys(tmp_path / "backup.db", now=lambda: NOW)
    _, second = restored.create("erp", "scorer")
    restored.path.replace(keys.path)
    assert keys.check(first) is None
    assert keys.check(second)
    keys.path.unlink()
    assert keys.check(second) is None


@pytest.mark.parametrize(
    ("name", "role", "days", "message"),
    [
        ("crm", "admin", None, "no such role; choose one of scorer, analyst"),
        ("a\nb", "scorer", None, "a name has 2 to 64"),
        ("crm", "scorer", 0, "a day at least"),
    ],
)
def test_what_no_key_can_have_is_refused(keys, name, role, days, message):
    with pytest.raises(ChurnlabError, match=message):
        keys.create(name, role, days)
    assert keys.all() == []


def test_an_unknown_id_is_not_revoked_silently(keys):
    with pytest.raises(ChurnlabError, match="no key of this id; `churnlab keys list`"):
        keys.revoke("00000000")


def test_a_file_that_is_busy_is_waited_for(keys):
    keys.create("crm", "scorer")
    holding = sqlite3.connect(keys.path)
    holding.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(keys.path, timeout=0).execute("INSERT INTO keys VALUES (1,1,1,1,1,1,1)")
    holding.rollback()
    assert keys.create("erp", "scorer")
