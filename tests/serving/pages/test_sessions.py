"""Cookies: signed, short-lived, and from one secret whoever drew it."""

import stat
import threading

import pytest

from churnlab.errors import ChurnlabError
from churnlab.serving.pages.attempts import MOST, SECONDS, Attempts
from churnlab.serving.pages.sessions import NOBODY, Sessions, read_secret, same_form_token
from churnlab.serving.pages.sessions import SECONDS as SESSION_SECONDS


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(tmp_path, clock):
    return Sessions(tmp_path / "below" / "session.key", clock)


def test_a_session_ends_after_eight_hours(sessions, clock):
    begun = sessions.begin("0123abcd")
    assert sessions.read(begun.token) == begun
    clock.now += SESSION_SECONDS - 1
    assert sessions.read(begun.token) == begun
    clock.now += 1
    assert sessions.read(begun.token) is None


def test_nobody_has_an_hour_and_no_key(sessions, clock):
    begun = sessions.begin()
    assert begun.key_id == NOBODY
    clock.now += 3600
    assert sessions.read(begun.token) is None


def test_another_secret_signs_no_session_of_this_one(sessions, tmp_path, clock):
    begun = sessions.begin("0123abcd")
    assert Sessions(tmp_path / "below" / "session.key", clock).read(begun.token) == begun
    assert Sessions(tmp_path / "other.key", clock).read(begun.token) is None


def test_removing_the_secret_ends_every_session_at_once(sessions, tmp_path):
    begun = sessions.begin("0123abcd")
    assert sessions.read(begun.token) == begun
    (tmp_path / "below" / "session.key").unlink()
    assert sessions.read(begun.token) is None
    anew = sessions.begin("0123abcd")
    assert sessions.read(anew.token) == anew


def test_a_secret_that_is_put_in_place_of_another_counts_at_once(sessions, tmp_path, clock):
    begun = sessions.begin("0123abcd")
    elsewhere = Sessions(tmp_path / "other.key", clock)
    other = elsewhere.begin("0123abcd")
    (tmp_path / "other.key").replace(tmp_path / "below" / "session.key")
    assert sessions.read(begun.token) is None
    assert sessions.read(other.token) == other


@pytest.mark.parametrize("place", range(0, 105, 5))
def test_every_part_of_a_cookie_is_signed(sessions, place):
    token = sessions.begin("0123abcd").token
    other = "1" if token[place] != "1" else "2"
    assert sessions.read(token[:place] + other + token[place + 1 :]) is None


def test_the_token_of_a_form_is_of_one_session_and_not_its_signature(sessions):
    first, second = sessions.begin("0123abcd"), sessions.begin("0123abcd")
    assert same_form_token(first, first.form_token)
    assert not same_form_token(first, second.form_token)
    assert not same_form_token(first, "")
    assert not same_form_token(first, "é")
    assert first.form_token not in first.token


def test_the_secret_is_for_its_owner_alone_and_the_same_for_all_that_draw_at_once(tmp_path):
    path = tmp_path / "below" / "session.key"
    found = []
    drawing = [threading.Thread(target=lambda: found.append(read_secret(path))) for _ in range(16)]
    for one in drawing:
        one.start()
    for one in drawing:
        one.join()
    assert len(found) == 16
    assert set(found) == {path.read_bytes()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["session.key"]


def test_a_secret_that_was_cut_short_signs_nothing(tmp_path):
    path = tmp_path / "session.key"
    path.write_bytes(b"short")
    with pytest.raises(ChurnlabError, match="5 bytes are no secret; remove the file"):
        Sessions(path).begin("0123abcd")


def test_an_address_may_try_again_once_its_failures_are_old(clock):
    attempts = Attempts(clock)
    for _ in range(MOST):
        assert attempts.wait("a") == 0
        attempts.failed("a")
        clock.now += 1
    assert attempts.wait("a") == pytest.approx(SECONDS - MOST)
    assert attempts.wait("b") == 0
    clock.now += SECONDS - MOST
    assert attempts.wait("a") == 0


def test_addresses_that_were_quiet_for_longest_are_forgotten(clock, monkeypatch):
    monkeypatch.setattr("churnlab.serving.pages.attempts.MOST_ADDRESSES", 2)
    attempts = Attempts(clock)
    for address in ("a", "b", "c"):
        for _ in range(MOST):
            attempts.failed(address)
    assert attempts.wait("a") == 0
    assert attempts.wait("b") > 0
    assert attempts.wait("c") > 0
