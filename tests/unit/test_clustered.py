"""Intervals by battery hold what they say over simulated worlds; one sign test; two-way variances add up."""

import itertools

import numpy as np
import pytest
import scipy

from core.stats import benjamini_hochberg, mean_interval, ratio_columns, sign_flip_p, signs, two_stage_counts
from core.stats.clustered import battery_codes, effective_batteries, mean_columns
from core.stats.signs import sign_flip_columns, smallest_adjusted_p, smallest_p
from core.stats.two_way import two_way
from tests.bench import coverage

WORLDS = 1_000


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("sizes", [coverage.SIZES, coverage.EVEN], ids=["unequal", "even"])
@pytest.mark.parametrize("icc", coverage.ICCS)
def test_intervals_by_battery_cover_what_they_promise_and_zeros_are_no_findings(icc, sizes):
    assert 0.92 <= coverage.mean_coverage(icc, WORLDS, rng(1), sizes) <= 0.98
    assert 0.92 <= coverage.skill_coverage(icc, WORLDS, rng(2), sizes) <= 0.98
    assert 0.92 <= coverage.share_coverage(icc, WORLDS, rng(7), sizes) <= 0.98
    assert coverage.false_findings(icc, WORLDS, rng(3), sizes) <= 0.06


@pytest.mark.parametrize("icc", coverage.ICCS)
def test_the_widest_of_many_contrasts_is_no_finding_where_no_group_differs(icc):
    assert coverage.false_contrasts(icc, 400, rng(8)) <= 0.06


def test_excess_instability_of_a_model_that_only_prefers_a_place_covers_0():
    # Squares are skewed: the interval is a little narrow, but hardly ever lies above 0, which alone is a finding.
    assert 0.9 <= coverage.excess_coverage(55, WORLDS, rng(9)) <= 0.98
    assert coverage.false_turns(55, WORLDS, rng(9)) <= 0.025


def test_a_percentile_bootstrap_over_questions_would_not_have():
    assert coverage.percentile_coverage(0.5, 200, rng(4)) < 0.75


@pytest.mark.parametrize("n", [5, 10, 19])
def test_few_questions_get_a_t_interval_that_covers(n):
    assert 0.91 <= coverage.small_coverage(n, WORLDS, rng(5)) <= 0.98


def test_two_way_intervals_cover():
    assert 0.9 <= coverage.two_way_coverage(8, 2, 19, 300, rng(6)) <= 0.98


def test_questions_of_their_own_give_the_ordinary_t_interval():
    values = rng().normal(size=12)
    found = mean_interval(values)
    low, high = scipy.stats.t.interval(0.95, 11, values.mean(), scipy.stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert mean_columns(values[:, None]).p[0] == pytest.approx(scipy.stats.ttest_1samp(values, 0).pvalue)


def test_what_is_not_measured_is_left_out_and_little_data_gives_no_interval():
    assert mean_interval([1.0, np.nan, 1.0]) == (1.0, 1.0, 1.0, 2)
    one = mean_interval([0.4])
    assert one.mean == 0.4
    assert np.isnan([one.low, one.high]).all()
    assert mean_interval([np.nan]).n == 0
    assert np.isnan(mean_interval([]).mean)
    assert mean_interval([0.0, 0.0, 0.1], within=(0, 1)).low == 0


def test_one_battery_speaks_of_its_questions():
    values = [0.1, 0.2, 0.4]
    assert mean_interval(values, ["x"] * 3) == mean_interval(values)
    assert mean_columns(np.array(values)[:, None], ["x"] * 3).batteries == 1


def test_batteries_widen_the_interval_of_what_goes_together():
    values = np.repeat([0.1, 0.5, 0.3, 0.6], 5)
    together = mean_interval(values, np.repeat([0, 1, 2, 3], 5))
    alone = mean_interval(values)
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_labels_become_batteries_and_an_empty_one_stands_alone():
    assert battery_codes(["a", "", "a", ""], 4).tolist() == [0, 1, 0, 2]
    assert battery_codes(None, 2).tolist() == [0, 1]
    assert effective_batteries(np.array([0, 0, 1, 1])) == 2
    with pytest.raises(ValueError, match="one battery a question"):
        battery_codes(["a"], 2)


def test_a_ratio_is_resampled_as_a_whole():
    top, bottom = rng(7).random((30, 1)), rng(8).random((30, 1)) + 1
    found = ratio_columns(top, bottom)
    assert found.mean[0] == pytest.approx(top.sum() / bottom.sum())
    linear = (top - found.mean[0] * bottom) / bottom.mean()
    half = mean_interval(linear[:, 0])
    assert found.high[0] - found.low[0] == pytest.approx(half.high - half.low, rel=0.05)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="shape"):
        mean_interval([[1.0]])
    with pytest.raises(ValueError, match="level"):
        mean_interval([1.0, 2.0], level=95)
    with pytest.raises(ValueError, match="shape"):
        ratio_columns([1.0], [1.0])
    with pytest.raises(ValueError, match="2000"):
        two_stage_counts(None, 5, 0, resamples=100)


def test_a_drawn_battery_brings_its_questions_and_drawing_them_anew_counts_their_spread_twice():
    blocks = ["a", "a", "b", "", ""]
    counts = two_stage_counts(blocks, 5, 0)
    assert (counts[:, 0] == counts[:, 1]).all()
    assert counts[:, [0, 2, 3, 4]].sum(axis=1).tolist() == [4.0] * len(counts)
    many = coverage.batteries(coverage.EVEN)
    values = rng(9).normal(size=len(many))

    def spread(within):
        drawn = two_stage_counts(many, len(many), 1, within=within)
        return (drawn @ values / drawn.sum(axis=1)).var()

    assert spread(True) > 1.5 * spread(False)


def test_there_is_one_sign_test_and_it_turns_batteries():
    assert sign_flip_p([3, 2, 1]) == pytest.approx(2 / 8)
    assert sign_flip_p([1, -1, float("nan")]) == 1
    assert np.isnan(sign_flip_p([0.3]))
    assert sign_flip_p(np.zeros(20)) == 1
    assert sign_flip_p(np.ones(40)) == pytest.approx(1 / 5_000)
    assert sign_flip_p(np.ones(40), np.repeat(np.arange(4), 10)) == pytest.approx(2 / 16)
    columns = sign_flip_columns(np.column_stack([np.ones(6), np.zeros(6)]))
    assert columns.tolist() == [2 / 64, 1.0]


def test_a_sign_test_agrees_with_scipy_and_keeps_its_level():
    values = rng(2).normal(0.3, 1, size=10)
    theirs = scipy.stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(values) == pytest.approx(theirs.pvalue)
    draws = [sign_flip_p(rng(seed).normal(size=7)) <= 0.05 for seed in range(400)]
    assert np.mean(draws) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_the_smallest_p_is_what_seven_questions_can_show():
    assert smallest_p(7) == 2 / 128
    assert smallest_adjusted_p(7, 8) == pytest.approx(0.125)
    assert smallest_p(40) == pytest.approx(2e-4)
    assert np.isnan(smallest_p(1))
    found = benjamini_hochberg([sign_flip_p(np.ones(7)), *[1.0] * 7])
    assert found[0] == pytest.approx(smallest_adjusted_p(7, 8))


def test_the_intersection_is_subtracted():
    values = rng(3).normal(size=(6, 40))
    found = two_way(values, list("abcdef"))
    # Cells without any common part: both one-way variances estimate the same thing, and it must count once.
    assert found.by_question + found.by_cluster - found.shared < 0.8 * (found.by_question + found.by_cluster)
    assert found.shared == pytest.approx(values.var() / values.size, rel=0.2)


def test_a_difference_keeps_what_both_sides_share_out_of_it():
    shared = rng(4).normal(0, 3, size=30)
    own = rng(5).normal(0, 0.1, size=(8, 30))
    sides = np.array([1.0] * 4 + [-1.0] * 4)
    found = two_way(shared + own + (sides > 0)[:, None], list("abcdefgh"), sides=sides)
    assert found.mean == pytest.approx(1, abs=0.1)
    assert found.high - found.low < 0.5
    with pytest.raises(ValueError, match="no question"):
        two_way(np.full((2, 3), np.nan), ["a", "b"])


def test_one_cluster_has_no_interval_and_one_question_is_drawn_from_clusters_alone():
    assert np.isnan(two_way(np.ones((2, 5)), ["a", "a"]).low)
    found = two_way(np.array([[0.0], [1.0], [0.5]]), ["a", "b", "c"])
    plain = mean_interval([0.0, 1.0, 0.5])
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize("count", [2, 3, 9, 13])
def test_half_of_the_signs_in_pieces_give_what_all_signs_at_once_give(count, monkeypatch):
    rng = np.random.default_rng(count)
    blocks = np.arange(40) % count
    rows = rng.normal(0.2, 1, size=(40, 3)).round(1)
    sums = np.array([rows[blocks == block].sum(axis=0) for block in range(count)])
    every = np.array(list(itertools.product((-1.0, 1.0), repeat=count)))
    expected = (np.abs(every @ sums) >= np.abs(rows.sum(axis=0)) - 1e-12).mean(axis=0)
    assert sign_flip_columns(rows, blocks) == pytest.approx(expected, abs=1e-15)
    monkeypatch.setattr(signs, "AT_ONCE", 7 * count)
    assert sign_flip_columns(rows, blocks) == pytest.approx(expected, abs=1e-15)
