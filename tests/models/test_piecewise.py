import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler

from churnlab.models.piecewise import CLIP, PiecewiseLinearEncoder


def test_a_bin_rises_from_zero_at_its_lower_edge_to_one_at_its_upper():
    """Four quartile bins of 0, 1, ..., 8 have the edges 0, 2, 4, 6, 8."""
    encoder = PiecewiseLinearEncoder(bins=4).fit(np.arange(9.0)[:, None])
    encoded = encoder.transform(np.array([[0.0], [1.0], [4.0], [5.0], [8.0], [99.0], [-9.0]]))
    assert encoded[:, 1:].tolist() == [
        [0.0, 0.0, 0.0, 0.0],
        [0.5, 0.0, 0.0, 0.0],
        [1.0, 1.0, 0.0, 0.0],
        [1.0, 1.0, 0.5, 0.0],
        [1.0, 1.0, 1.0, 1.0],
        [1.0, 1.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 0.0],
    ]
    # Mean 4, standard deviation sqrt(60 / 9), clipped at CLIP.
    expected = np.clip((np.array([0, 1, 4, 5, 8, 99, -9]) - 4) / np.sqrt(60 / 9), -CLIP, CLIP)
    np.testing.assert_allclose(encoded[:, 0], expected, rtol=1e-6)


@pytest.mark.parametrize("bins", [0, 1])
def test_without_bins_it_is_standardisation_alone(bins):
    X = np.random.default_rng(0).normal(5.0, 3.0, (50, 3))
    encoded = PiecewiseLinearEncoder(bins=bins).fit(X).transform(X)
    np.testing.assert_allclose(encoded, StandardScaler().fit_transform(X), atol=1e-5)


def test_constant_and_binary_columns_get_no_bins_and_stay_finite():
    X = np.column_stack([np.full(20, 3.0), np.arange(20) % 2, np.arange(20.0)])
    encoded = PiecewiseLinearEncoder(bins=4).fit(X).transform(X)
    assert encoded.shape == (20, 3 + 4)
    assert np.isfinite(encoded).all()
    assert (encoded[:, 0] == 0).all()


def test_edges_that_fall_together_make_fewer_bins_not_empty_ones():
    X = np.array([0.0] * 15 + [1.0, 2.0, 3.0, 4.0, 5.0])[:, None]
    encoder = PiecewiseLinearEncoder(bins=8).fit(X)
    assert (encoder.width_ > 0).all()
    assert 2 <= len(encoder.width_) < 8


def test_a_table_whose_columns_are_all_binary_is_encoded_without_bins():
    X = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    assert PiecewiseLinearEncoder(bins=8).fit(X).transform(X).shape == (3, 2)


@given(
    fitted=arrays(float, st.integers(3, 40), elements=st.floats(-1e4, 1e4, width=32)),
    values=arrays(float, st.integers(2, 40), elements=st.floats(-2e4, 2e4, width=32)),
    bins=st.integers(0, 12),
)
@settings(max_examples=80, deadline=None)
def test_every_output_is_monotone_in_the_input_and_bounded(fitted, values, bins):
    encoder = PiecewiseLinearEncoder(bins=bins).fit(fitted[:, None])
    encoded = encoder.transform(np.sort(values)[:, None])
    assert np.isfinite(encoded).all()
    assert (np.diff(encoded, axis=0) >= 0).all()
    assert (np.abs(encoded[:, 0]) <= CLIP).all()
    assert ((encoded[:, 1:] >= 0) & (encoded[:, 1:] <= 1)).all()


def test_equal_fits_are_stored_as_equal_bytes_whatever_memory_held_before(monkeypatch):
    def stored(left_in_memory):
        monkeypatch.setattr(np, "empty", lambda shape: np.full(shape, left_in_memory))
        return pickle.dumps(PiecewiseLinearEncoder(bins=0).fit(np.arange(12.0).reshape(4, 3)))

    assert stored(1.25) == stored(-7.5)


def test_statistics_come_from_the_rows_it_was_fitted_on_alone():
    X = np.random.default_rng(1).normal(size=(60, 2))
    encoder = PiecewiseLinearEncoder(bins=4).fit(X[:30])
    alone = encoder.transform(X[:5])
    np.testing.assert_array_equal(encoder.transform(np.vstack([X[:5], 1e3 + X[30:]]))[:5], alone)
