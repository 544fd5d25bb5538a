import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.stats import (
    benjamini_hochberg,
    jeffreys,
    noise_floor,
    permutation_p,
    sampled_scores,
    similarity,
    total_variation,
    wilson,
)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 20), (7, 20), (20, 20), (300, 1000)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilson_is_scipys(k, n, level):
    want = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    assert wilson(k, n, level) == pytest.approx((want.low, want.high), abs=1e-12)


def test_jeffreys_is_the_beta_quantile_with_closed_ends():
    posterior = stats.beta(7.5, 13.5)
    assert jeffreys(7, 20) == pytest.approx((posterior.ppf(0.025), posterior.ppf(0.975)), abs=1e-9)
    assert jeffreys(0, 20).low == 0
    assert jeffreys(20, 20).high == 1


@pytest.mark.parametrize("interval", [wilson, jeffreys])
def test_binomial_intervals_take_arrays_and_know_nothing_at_n_0(interval):
    low, high = interval([0, 5, 10], [0, 10, 10])
    assert low.shape == (3,)
    assert (low[0], high[0]) == (0, 1)
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (low < high).all()


@pytest.mark.parametrize("interval", [wilson, jeffreys])
@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (np.nan, 5)])
def test_impossible_counts_are_refused(interval, k, n):
    with pytest.raises(ValueError, match="successes"):
        interval(k, n)
    with pytest.raises(ValueError, match="level"):
        interval(1, 5, level=95)


def test_permutation_p_is_exact_where_it_can_be():
    # 3 against 3, all below: 2 of the 20 relabellings are as extreme.
    assert permutation_p([1, 2, 3], [4, 5, 6], rng()) == pytest.approx(0.1)
    assert permutation_p([4, 5, 6], [1, 2, 3], rng()) == pytest.approx(0.1)


def test_permutation_p_sees_a_gap_and_only_a_gap():
    source = rng(4)
    a = source.normal(0, 1, 40)
    assert permutation_p(a, a + 2, rng()) < 0.001
    assert permutation_p(a, a + 2, rng()) > 0
    assert permutation_p(a, a, rng()) > 0.9


@pytest.mark.parametrize("bad", [[1.0], [1.0, np.nan], [[1.0, 2.0]]])
def test_permutation_p_refuses_what_has_no_mean_to_compare(bad):
    with pytest.raises(ValueError, match="at least two"):
        permutation_p(bad, [1.0, 2.0], rng())


def test_benjamini_hochberg():
    raw = [0.01, 0.04, 0.03, 0.005]
    assert benjamini_hochberg(raw) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    with_gap = benjamini_hochberg([0.01, np.nan, 0.04, 0.03, 0.005])
    assert with_gap == pytest.approx([0.02, np.nan, 0.04, 0.04, 0.02], nan_ok=True)
    assert benjamini_hochberg([]).size == 0
    with pytest.raises(ValueError, match="outside"):
        benjamini_hochberg([0.5, 1.5])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_benjamini_hochberg_is_that_of_scipy(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(stats.false_discovery_control(p_values, method="bh"))


def test_noise_floor_shrinks_with_n_and_meets_the_binomial():
    p = [0.5, 0.5]
    few, many = noise_floor(p, 20, total_variation, 2_000, rng()), noise_floor(p, 2_000, total_variation, 2_000, rng())
    assert few.low == 0
    assert many.high < few.high / 5
    # |k/20 - 1/2| at its 95 % point, from the binomial itself.
    want = stats.binom(20, 0.5).ppf(0.975) / 20 - 0.5
    assert few.high == pytest.approx(want, abs=0.051)


def test_noise_floor_takes_many_questions_at_once():
    p = np.array([[0.25] * 4, [np.nan] * 4, [0.0, 1.0, 0.0, 0.0]])
    low, high = noise_floor(p, 50, similarity, 2_000, rng())
    assert low.shape == (3,)
    assert low[0] < high[0] < 1
    assert np.isnan([low[1], high[1]]).all()
    assert low[2] == high[2] == 1
    assert sampled_scores(p, 50, similarity, 7, rng()).shape == (7, 3)


@pytest.mark.parametrize(("n", "draws"), [(0, 10), (10, 0)])
def test_noise_floor_needs_draws(n, draws):
    with pytest.raises(ValueError, match="at least 1"):
        noise_floor([0.5, 0.5], n, similarity, draws, rng())
