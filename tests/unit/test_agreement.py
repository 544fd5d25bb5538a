"""Flips, noise, agreement: known cases, properties, and alpha against another implementation."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.agreement import (
    changed,
    choices,
    excess_instability,
    flips,
    generalised_jsd,
    krippendorff_alpha,
    pairwise_agreement,
    pooled_p,
    repeat_flips,
    sampling_variance,
)
from core.stats.distances import jsd

shares = st.integers(0, 10_000).map(lambda i: i / 10_000)


@given(shares, shares)
def test_excess_of_direct_readings_is_the_squared_difference(p, q):
    assert excess_instability(p, q) == pytest.approx((p - q) ** 2, abs=1e-12)
    assert flips(p, q) == pytest.approx(flips(q, p))


def test_certain_answers_flip_always_or_never():
    assert flips([1, 1, 0], [1, 0, 0]).tolist() == [0, 1, 0]
    assert repeat_flips([1, 0, 0.5]).tolist() == [0, 0, 0.5]


def test_noise_from_few_answers_is_not_too_small_on_average():
    rng = np.random.default_rng(1)
    p, n = 0.3, 5
    seen = rng.binomial(n, p, 200_000) / n
    assert repeat_flips(seen, sampling_variance(seen, n)).mean() == pytest.approx(2 * p * (1 - p), abs=0.002)
    assert np.isnan(sampling_variance(0.5, 1))  # one answer tells nothing of the next
    assert sampling_variance(0.5, np.nan) == 0


def test_a_model_that_answers_by_coin_shows_no_excess_on_average():
    rng = np.random.default_rng(2)
    p, q = rng.binomial(10, 0.5, (2, 200_000)) / 10
    assert excess_instability(p, q, sampling_variance(p, 10), sampling_variance(q, 10)).mean() == pytest.approx(
        0, abs=0.002
    )


def test_a_tie_is_no_choice_and_no_change():
    assert choices([0.7, 0.2]).tolist() == [1, 0]
    assert np.isnan(choices([0.5, np.nan])).all()
    assert changed([0.7, 0.7], [0.6, 0.1]).tolist() == [0, 1]
    assert np.isnan(changed(0.5, 0.9))


def test_pairwise_agreement_of_known_counts():
    assert pairwise_agreement([[4, 0], [2, 2], [3, 1]]).tolist() == pytest.approx([1, 1 / 3, 1 / 2])
    assert np.isnan(pairwise_agreement([1, 0]))


@given(shares, shares)
def test_generalised_jsd_of_two_is_the_jsd_in_bits(p, q):
    both = [[p, 1 - p], [q, 1 - q]]
    assert generalised_jsd(both) == pytest.approx(float(jsd(both[0], both[1])), abs=1e-9)


def test_generalised_jsd_leaves_out_what_was_not_measured():
    rows = [[1, 0], [0, 1], [np.nan, np.nan]]
    assert generalised_jsd(rows) == pytest.approx(1)
    assert np.isnan(generalised_jsd(rows[1:]))
    assert generalised_jsd([[0.3, 0.7]] * 4) == pytest.approx(0)


def counts_of(table, k):
    """Counts (units, k) of a table (raters, units) of codes with NaN for missing."""
    return np.stack([(table == code).sum(axis=0) for code in range(k)], axis=1)


@pytest.mark.parametrize("seed", range(30))
def test_alpha_equals_that_of_the_krippendorff_package(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 5))
    table = rng.integers(0, k, (int(rng.integers(2, 7)), int(rng.integers(3, 30)))).astype(float)
    table[rng.random(table.shape) < 0.2] = np.nan
    expected = krippendorff.alpha(reliability_data=table, level_of_measurement="nominal")
    found, raw = krippendorff_alpha(counts_of(table, k))
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0 <= raw <= 1


def test_where_all_answers_are_alike_alpha_is_undefined_and_raw_agreement_is_one():
    found, raw = krippendorff_alpha([[4, 0]] * 10)
    assert np.isnan(found)
    assert raw == 1


def test_nothing_to_compare_is_nan_and_not_an_error():
    found, raw = krippendorff_alpha([[1, 0], [0, 0]])
    assert np.isnan(found)
    assert np.isnan(raw)


def test_the_pooled_null_is_met_as_often_as_it_should():
    rng = np.random.default_rng(3)
    n = np.full(12, 10)
    found = [pooled_p(rng.binomial(n, 0.4), n, rng.binomial(n, 0.4), n, rng) for _ in range(60)]
    assert 0.3 < np.mean(found) < 0.7
