"""The nearest right name."""

import string

from hypothesis import assume, given
from hypothesis import strategies as st

from churnlab.config.params import Params, Tune
from churnlab.config.validation import nearest, suggestion, unknown_names

KEYS = sorted({*Params.model_fields, *Tune.model_fields})


@given(st.sampled_from(KEYS))
def test_a_right_name_is_its_own_nearest(key):
    assert nearest(key, KEYS) == key
    assert nearest(key.upper(), KEYS) == key


def with_one_letter_lost(key):
    return {key[:lost] + key[lost + 1 :] for lost in range(len(key))}


@given(st.sampled_from([key for key in KEYS if len(key) > 4]), st.data())
def test_a_long_name_with_one_letter_lost_leads_back_to_itself(key, data):
    written = data.draw(st.sampled_from(sorted(with_one_letter_lost(key))))
    # Another name may be as near: "sore" is what is left of "score", and of "store".
    assume(not any(written in with_one_letter_lost(other) for other in KEYS if other != key))

    assert nearest(written, KEYS) == key


@given(st.text(string.digits, min_size=1))
def test_what_shares_nothing_with_any_name_gets_the_list_of_names(text):
    assert nearest(text, KEYS) is None
    assert suggestion(text, KEYS) == f"allowed: {', '.join(KEYS)}"


@given(st.lists(st.sampled_from([*KEYS, "x1", "x2"]), unique=True))
def test_only_names_that_are_not_allowed_are_told(names):
    lines = unknown_names("here", "key", names, KEYS)

    assert len(lines) == len({"x1", "x2"} & set(names))
