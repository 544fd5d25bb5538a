import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipy_entropy
from scipy.stats import wasserstein_distance

from core.stats import (
    dispersion_ratio,
    emd_ordinal,
    entropy,
    jsd,
    mean_shift,
    place_profile,
    position_bias,
    similarity,
    similarity_as_published,
    skill,
    total_variation,
)

quick = settings(max_examples=60, deadline=None)

DISTANCES = [jsd, emd_ordinal, total_variation]


@st.composite
def rows(draw, count):
    """``count`` distributions of one K; zeros and one-hot rows come up often."""
    k = draw(st.integers(2, 10))
    weights = st.one_of(st.just(0.0), st.floats(1e-6, 1.0))
    out = []
    for _ in range(count):
        raw = draw(arrays(np.float64, k, elements=weights))
        assume(raw.sum() > 0)
        out.append(raw / raw.sum())
    return out


@quick
@given(rows(2))
def test_scipy_agrees(pair):
    p, q = pair
    x = np.linspace(0, 1, len(p))
    assert jsd(p, q) == pytest.approx(jensenshannon(p, q, base=2) ** 2, abs=1e-9)
    assert similarity_as_published(p, q) == pytest.approx(1 - jensenshannon(p, q), abs=1e-6)
    assert emd_ordinal(p, q) == pytest.approx(wasserstein_distance(x, x, p, q), abs=1e-9)
    assert entropy(p) == pytest.approx(scipy_entropy(p, base=2), abs=1e-9)


@pytest.mark.parametrize("distance", DISTANCES)
@quick
@given(pair=rows(2))
def test_bounds_symmetry_identity(distance, pair):
    p, q = pair
    assert 0 <= distance(p, q) <= 1
    assert distance(p, q) == pytest.approx(distance(q, p), abs=1e-12)
    assert distance(p, p) == pytest.approx(0, abs=1e-12)
    if np.abs(p - q).max() > 1e-3:
        assert distance(p, q) > 0


@pytest.mark.parametrize("metric", [emd_ordinal, total_variation, lambda a, b: np.sqrt(jsd(a, b))])
@quick
@given(three=rows(3))
def test_triangle_inequality_holds_for_the_metrics(metric, three):
    p, q, r = three
    assert metric(p, r) <= metric(p, q) + metric(q, r) + 1e-7


def test_a_divergence_is_not_a_metric():
    """A square root slipped into jsd would make this triangle close."""
    p, q, r = [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]
    assert jsd(p, r) > jsd(p, q) + jsd(q, r)


@pytest.mark.parametrize("distance", [jsd, total_variation])
@quick
@given(pair=rows(2), seed=st.integers(0, 2**16))
def test_relabelling_both_sides_changes_nothing(distance, pair, seed):
    p, q = pair
    order = np.random.default_rng(seed).permutation(len(p))
    assert distance(p[order], q[order]) == pytest.approx(distance(p, q), abs=1e-12)


def test_only_the_ordinal_distance_sees_how_far_the_mass_moved():
    p, near, far = [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]
    assert emd_ordinal(p, near) == pytest.approx(1 / 3)
    assert emd_ordinal(p, far) == pytest.approx(1)
    assert total_variation(p, near) == total_variation(p, far) == 1
    assert jsd(p, near) == jsd(p, far) == 1


@quick
@given(rows(1))
def test_a_reversed_distribution_is_as_far_as_its_mean_moved(one):
    """Published mistake: shares handed over as samples, so that a distribution and its reverse score exactly 0."""
    (p,) = one
    assume(np.abs(p - p[::-1]).max() > 1e-3)
    assert wasserstein_distance(p, p[::-1]) == pytest.approx(0, abs=1e-12)
    moved = abs(mean_shift(p, p[::-1])) / (len(p) - 1)
    assert emd_ordinal(p, p[::-1]) > 1e-5
    assert emd_ordinal(p, p[::-1]) >= moved - 1e-12


def test_the_divergence_is_not_its_root():
    """Published mistake: scipy's ``jensenshannon`` reported as a divergence."""
    p, q = [0.9, 0.1], [0.4, 0.6]
    by_hand = 0.5 * (0.9 * np.log2(0.9 / 0.65) + 0.1 * np.log2(0.1 / 0.35))
    by_hand += 0.5 * (0.4 * np.log2(0.4 / 0.65) + 0.6 * np.log2(0.6 / 0.35))
    assert jsd(p, q) == pytest.approx(by_hand, abs=1e-12)
    assert jsd(p, q) < jensenshannon(p, q, base=2) - 0.1
    assert similarity(p, q) == pytest.approx(1 - by_hand)


def test_a_zero_share_keeps_every_distance_finite():
    """Published mistake: an option with no human share made the divergence infinite."""
    assert jsd([0.5, 0.5, 0.0], [0.0, 0.0, 1.0]) == 1
    assert np.isfinite([d([1, 0, 0], [0.2, 0.3, 0.5]) for d in DISTANCES]).all()


def test_ends_of_the_published_score():
    assert similarity_as_published([1, 0], [1, 0]) == 1
    assert similarity_as_published([1, 0], [0, 1]) == pytest.approx(0.167, abs=5e-4)


def test_mean_and_spread():
    p, q = [0.5, 0.0, 0.5], [0.0, 0.5, 0.5]
    assert mean_shift(p, q) == pytest.approx(0.5)
    assert mean_shift(q, p) == pytest.approx(-0.5)
    assert mean_shift(p, q, positions=[1, 5, 10]) == pytest.approx(7.5 - 5.5)
    assert dispersion_ratio(p, q) == pytest.approx(0.5)
    assert dispersion_ratio(p, [0, 1, 0]) == 0
    assert np.isnan(dispersion_ratio([0, 1, 0], p))
    assert dispersion_ratio([p, [0, 1, 0]], q) == pytest.approx([0.5, np.nan], nan_ok=True)


def test_skill():
    assert skill(0.0, 0.2) == 1
    assert skill(0.2, 0.2) == 0
    assert skill(0.4, 0.2) == pytest.approx(-1)
    assert skill([0.1, 0.1], [0.2, 0.0]) == pytest.approx([0.5, np.nan], nan_ok=True)
    with pytest.raises(ValueError, match="negative"):
        skill(-0.1, 0.2)


def test_entropy_ends():
    assert entropy(np.full(8, 1 / 8)) == pytest.approx(3)
    assert entropy(np.full(8, 1 / 8), normalised=True) == pytest.approx(1)
    assert entropy([0, 1, 0]) == 0
    assert not np.signbit(entropy([0, 1, 0]))


@pytest.mark.parametrize("distance", [*DISTANCES, similarity, similarity_as_published, mean_shift, dispersion_ratio])
def test_leading_axes_are_worked_row_by_row(distance):
    rng = np.random.default_rng(1)
    p, q = rng.dirichlet(np.ones(5), size=(3, 4)), rng.dirichlet(np.ones(5), size=4)
    out = distance(p, q)
    assert out.shape == (3, 4)
    assert out[2, 1] == pytest.approx(float(distance(p[2, 1], q[1])))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([-0.1, 1.1], "negative"),
        ([0.5, 0.4], "sum to 0.9"),
        ([0.0, 0.0], "sum to 0"),
        ([np.inf, 0.0], "sum to inf"),
        ([1.0], "at least two"),
        (1.0, "at least two"),
    ],
)
@pytest.mark.parametrize("distance", DISTANCES)
def test_what_is_no_distribution_is_refused(distance, bad, words):
    with pytest.raises(ValueError, match=words):
        distance(bad, [0.5, 0.5])
    with pytest.raises(ValueError, match=words):
        distance([0.5, 0.5], bad)


def test_different_numbers_of_options_are_refused():
    with pytest.raises(ValueError, match="2 options"):
        jsd([0.5, 0.5], [0.2, 0.3, 0.5])


@pytest.mark.parametrize("distance", [*DISTANCES, similarity, mean_shift, dispersion_ratio])
def test_a_row_with_nan_gives_nan_and_harms_no_other(distance):
    q = np.array([[np.nan, np.nan], [0.3, 0.7], [np.nan, 1.0]])
    out = distance([0.6, 0.4], q)
    assert np.isnan(out).tolist() == [True, False, True]


def test_input_is_left_as_it_was():
    p = np.array([0.50002, 0.5])
    jsd(p, p)
    assert p.tolist() == [0.50002, 0.5]


def rotate(content, bias):
    """Printed-order rows of a model that adds ``bias`` by place to what it thinks of each option."""
    k = len(content)
    return [[(content[(start + place) % k] + bias[place]) / 2 for place in range(k)] for start in range(k)]


@quick
@given(rows(2))
def test_position_bias_forgets_what_the_options_say(pair):
    content, places = pair
    k = len(content)
    assert position_bias(rotate(content, places)) == pytest.approx((places[0] - 1 / k) / 2, abs=1e-9)
    assert place_profile(rotate(content, np.full(k, 1 / k))) == pytest.approx(np.full(k, 1 / k), abs=1e-9)


def test_a_model_that_always_says_a():
    assert position_bias(np.tile([1.0, 0, 0, 0], (4, 1))) == pytest.approx(0.75)
    assert position_bias(np.tile([0.0, 0, 0, 1], (4, 1))) == pytest.approx(-0.25)
    assert position_bias(np.full((7, 3, 3), 1 / 3)).shape == (7,)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (0, 4)])
def test_position_bias_needs_every_rotation(shape):
    with pytest.raises(ValueError, match="multiple of K"):
        position_bias(np.full(shape, 1 / 4))


def test_position_bias_of_an_unread_rotation_is_unknown():
    assert np.isnan(position_bias([[0.5, 0.5], [np.nan, np.nan]]))


def test_a_share_too_small_to_halve_does_not_make_two_equal_distributions_differ():
    assert float(jsd([0.0, 1.0], [5e-324, 1.0])) == pytest.approx(0.0, abs=1e-12)
