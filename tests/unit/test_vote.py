"""Weights and the weighted vote."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.vote import vote_weights, weighted_vote

numbers = st.floats(0, 1)


def test_weights_and_vote_computed_by_hand():
    weights = vote_weights([0.4, 0.3, 0.2, 0.1], [0, 1, 0, 0], 0.5)
    assert weights == pytest.approx([0.4 / 0.85, 0.15 / 0.85, 0.2 / 0.85, 0.1 / 0.85])
    assert weighted_vote([0.5, 0.5], [[1, 0], [0.2, 0.8]]) == pytest.approx([0.6, 0.4])


def test_weights_that_sum_to_more_than_one_are_divided_by_their_sum():
    assert vote_weights([0.5, 0.3, 0.2, 0.1], [0] * 4, 0.5) == pytest.approx(np.array([5, 3, 2, 1]) / 11)


@pytest.mark.parametrize("weights", [[0.5, 0.6], [0, 0], [-0.1, 1.1], [1.0]])
def test_a_vote_refuses_weights_that_do_not_sum_to_one(weights):
    with pytest.raises(ValueError, match="weight"):
        weighted_vote(weights, [[1, 0], [0, 1]])


@pytest.mark.parametrize("base", [[0, 0], [-1, 2], [float("nan"), 1]])
def test_weights_that_are_all_zero_negative_or_missing_are_refused(base):
    with pytest.raises(ValueError, match="weight"):
        vote_weights(base, [0, 0], 0.5)


def test_a_function_that_was_not_read_cannot_vote():
    with pytest.raises(ValueError, match="unknown"):
        weighted_vote([0.5, 0.5], [[1, 0], [float("nan"), float("nan")]])


@given(st.lists(st.tuples(st.floats(0.01, 10), numbers), min_size=1, max_size=6), st.floats(0, 0.9))
def test_weights_sum_to_one_and_distortion_never_gains_weight(voters, penalty):
    base, bent = [v[0] for v in voters], [v[1] for v in voters]
    weights = vote_weights(base, bent, penalty)
    assert weights.sum() == pytest.approx(1)
    worse = vote_weights(base, [1.0, *bent[1:]], penalty)
    assert worse[0] <= weights[0] + 1e-12


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=2, max_size=4))
def test_a_vote_lies_between_its_voters(rows):
    shares = np.array([np.array(row) / sum(row) for row in rows])
    result = weighted_vote(vote_weights([1.0] * len(rows), [0.0] * len(rows), 0), shares)
    assert result.sum() == pytest.approx(1)
    assert (result >= shares.min(axis=0) - 1e-12).all()
    assert (result <= shares.max(axis=0) + 1e-12).all()
