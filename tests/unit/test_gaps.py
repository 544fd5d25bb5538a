"""Group gaps: a planted bias is found, fairness is not called bias, and group size alone is never a finding."""

import numpy as np
import pytest

from core.stats.distances import emd_ordinal, total_variation
from core.stats.gaps import against_others, bootstrap_counts, gap_test
from core.stats.groups import Item, group_distances, human_gaps, level_distances

WORLDS = 200
QUESTIONS = 60
SIZES = np.array([200, 400, 400])
"""Respondents by group: shares 20/40/40 of 1,000 people."""


def world(rng, apart, model):
    """Questions with three groups that differ by ``apart``; ``model`` gives its answers from the groups' true shares.

    What is handed over are *sampled* shares of each group, as a survey has them.
    """
    centre = rng.dirichlet(np.full(5, 2.0), size=QUESTIONS)
    own = rng.dirichlet(np.full(5, 2.0), size=(QUESTIONS, 3))
    true = (1 - apart) * centre[:, None, :] + apart * own
    seen = rng.multinomial(SIZES, true) / SIZES[:, None]
    answers = model(true, centre, rng)
    return [Item(model=answers[i], people=seen[i], n=SIZES.astype(float), ordinal=i % 4 > 0) for i in range(QUESTIONS)]


def flags(apart, model, seed):
    """For each world: which groups are flagged (interval leaves out 0 and adjusted p under .05), and the means."""
    rng = np.random.default_rng(seed)
    flagged, beyond, means = [], [], []
    for _ in range(WORLDS):
        found = gap_test(level_distances(world(rng, apart, model), rng, draws=16), rng, orders=499)
        outside = (found.low > 0) | (found.high < 0)
        beyond.append(outside)
        flagged.append(outside & (found.p_adjusted < 0.05))
        means.append(found.mean)
    return np.array(flagged), np.array(beyond), np.array(means)


def at_most(rate, trials=WORLDS):
    """``rate`` plus three standard errors of a share of ``trials``."""
    return rate + 3 * np.sqrt(rate * (1 - rate) / trials)


def test_a_model_that_answers_like_one_group_is_found_with_an_interval_that_excludes_zero():
    flagged, _, means = flags(0.35, lambda true, centre, rng: true[:, 1], seed=1)
    assert (flagged[:, 1] & (means[:, 1] < 0)).mean() > 0.95
    assert not (flagged[:, 1] & (means[:, 1] > 0)).any()


def test_a_fair_model_in_a_world_of_real_differences_is_not_flagged_beyond_the_promised_rate():
    flagged, beyond, _ = flags(0.35, lambda true, centre, rng: true.mean(axis=1), seed=2)
    assert (flagged.mean(axis=0) <= at_most(0.05)).all()
    assert (beyond.mean(axis=0) <= at_most(0.06)).all()


def people_themselves(true, centre, rng):
    return centre


def something_else(true, centre, rng):
    return rng.dirichlet(np.ones(5), size=len(centre))


@pytest.mark.parametrize(("model", "seed"), [(people_themselves, 3), (something_else, 4)])
def test_without_a_real_difference_no_group_is_flagged_beyond_five_percent_whatever_its_size(model, seed):
    flagged, beyond, means = flags(0.0, model, seed)
    assert (flagged.mean(axis=0) <= at_most(0.05)).all()
    assert flagged.any(axis=1).mean() <= at_most(0.05)
    assert (beyond.mean(axis=0) <= at_most(0.06)).all()
    assert abs(means.mean(axis=0)).max() < 0.001


def test_raw_distances_would_have_flagged_the_smallest_group():
    rng = np.random.default_rng(5)
    wrong = [gap_test(group_distances(world(rng, 0.0, people_themselves)), rng, orders=199) for _ in range(20)]
    assert np.mean([found.low[0] > 0 for found in wrong]) > 0.9


def test_distances_are_those_of_scipy_checked_metrics():
    people = np.array([[0.7, 0.2, 0.1], [0.2, 0.3, 0.5]])
    model = np.array([0.1, 0.1, 0.8])
    items = [Item(model, people, np.array([100.0, 100.0]), ordinal) for ordinal in (True, False)]
    found = group_distances(items)
    assert found[0] == pytest.approx(emd_ordinal(people, np.broadcast_to(model, people.shape)))
    assert found[1] == pytest.approx(total_variation(people, np.broadcast_to(model, people.shape)))


def test_groups_of_one_size_are_not_thinned():
    items = world(np.random.default_rng(6), 0.3, people_themselves)
    alike = [item._replace(n=np.full(3, 300.0)) for item in items]
    assert level_distances(alike, np.random.default_rng(0)) == pytest.approx(group_distances(alike))


def test_a_gap_is_the_distance_less_the_mean_of_the_other_groups():
    assert against_others([[0.1, 0.2, 0.6]]) == pytest.approx(np.array([[-0.3, -0.15, 0.45]]))
    assert against_others([[0.3, 0.1]]) == pytest.approx(np.array([[0.2, -0.2]]))


def test_one_answer_a_group_is_held_against_its_own_group():
    people = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = group_distances([Item(people, people, np.array([50.0, 50.0]), True)])
    assert found == pytest.approx(np.zeros((1, 2)))


def test_little_data_gives_no_interval():
    one = gap_test([[0.1, 0.3]], np.random.default_rng(0))
    assert one.n == 1
    assert np.isnan(one.low).all()
    assert np.isnan(one.p).all()
    assert one.mean == pytest.approx([-0.2, 0.2])
    none = gap_test(np.full((3, 2), np.nan), np.random.default_rng(0))
    assert none.n == 0
    assert np.isnan(none.mean).all()


def test_the_same_seed_gives_the_same_numbers():
    distances = np.random.default_rng(9).random((30, 3))
    first, second = (gap_test(distances, np.random.default_rng(1)) for _ in range(2))
    assert first.p.tolist() == second.p.tolist()
    assert first.low.tolist() == second.low.tolist()


def test_too_few_resamples_are_refused():
    with pytest.raises(ValueError, match="2000"):
        bootstrap_counts(5, 0, resamples=100)


def test_items_with_other_groups_are_refused():
    two = Item(np.array([0.5, 0.5]), np.full((2, 2), 0.5), np.full(2, 9.0), True)
    three = Item(np.array([0.5, 0.5]), np.full((3, 2), 0.5), np.full(3, 9.0), True)
    with pytest.raises(ValueError, match="same groups"):
        group_distances([two, three])


def test_human_differences_stand_above_chance_only_where_there_are_any():
    rng = np.random.default_rng(10)
    real = human_gaps(world(rng, 0.35, people_themselves), rng)
    assert (real.mean > real.chance_high).all()
    above = np.mean([human_gaps(world(rng, 0.0, people_themselves), rng, draws=100).mean for _ in range(30)], axis=0)
    null = human_gaps(world(rng, 0.0, people_themselves), rng)
    assert above == pytest.approx(null.chance, abs=0.003)
    assert (null.chance < null.chance_high).all()
