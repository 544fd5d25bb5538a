"""Group gaps: a planted bias is found, fairness is not called bias, and group size alone is never a finding."""

import numpy as np
import pytest

from core.stats import benjamini_hochberg
from core.stats.distances import emd_ordinal, total_variation
from core.stats.gaps import against_others, gap_test, widest_contrast
from core.stats.groups import Item, distances_of, distances_to, group_measures, human_gaps, level_distances, thin

WORLDS = 200
QUESTIONS = 60
SIZES = np.array([200, 400, 400])
"""Respondents by group: shares 20/40/40 of 1,000 people."""


def group_distances(items):
    """Distances as measured."""
    return group_measures(thin(items, np.random.default_rng(0), draws=1), items).raw


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


def judged(items, rng, levelled=True):
    """The gaps of ``items``, net of an even guess and of the whole population's answer."""
    sizes = items[0].n / items[0].n.sum()
    even = [item._replace(model=np.full(item.people.shape[1], 1 / item.people.shape[1])) for item in items]
    whole = [item._replace(model=sizes @ item.people) for item in items]
    thinned = thin(items, rng, draws=16)
    measure = (lambda part: distances_to(thinned, part)) if levelled else group_distances
    return gap_test(measure(items), (measure(even), measure(whole)))


def flags(apart, model, seed):
    """For each world: which groups are flagged (both nets off 0, adjusted p under .05), and the net means."""
    rng = np.random.default_rng(seed)
    flagged, beyond, means = [], [], []
    for _ in range(WORLDS):
        found = judged(world(rng, apart, model), rng)
        beyond.append(found.beyond)
        flagged.append(found.beyond & (benjamini_hochberg(found.p) < 0.05))
        means.append(found.nets[0].mean)
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


def test_raw_distances_would_have_made_the_smallest_group_stand_furthest():
    rng = np.random.default_rng(5)
    items = [world(rng, 0.0, people_themselves) for _ in range(20)]
    assert np.mean([against_others(group_distances(one)).mean(axis=0)[0] > 0.005 for one in items]) > 0.9
    assert abs(np.mean([against_others(level_distances(one, rng)).mean(axis=0)[0] for one in items])) < 0.002


def test_an_even_guess_has_a_gap_and_no_net_gap():
    rng = np.random.default_rng(12)
    found = judged(world(rng, 0.35, lambda true, centre, _: np.full(centre.shape, 0.2)), rng)
    assert np.abs(found.gap.mean).max() > 0.001
    assert found.nets[0].mean == pytest.approx(0)
    assert not found.beyond.any()
    assert (found.p == 1).all()


def test_the_widest_contrast_is_widened_for_all_pairs_and_keeps_its_level():
    rng = np.random.default_rng(13)
    found = [widest_contrast(rng.normal(size=(60, 3)), np.repeat(np.arange(12), 5)) for _ in range(300)]
    assert np.mean([one.low > 0 for one in found]) <= at_most(0.05, 300)
    assert np.mean([one.p < 0.05 for one in found]) <= at_most(0.05, 300)
    planted = widest_contrast(rng.normal(size=(60, 3)) + np.array([0, 0, 3]))
    assert (planted.far, planted.low > 0, planted.p < 0.01) == (2, True, True)


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
    one = gap_test([[0.1, 0.3]], [[[0.2, 0.2]]])
    assert one.n == 1
    assert np.isnan(one.gap.low).all()
    assert np.isnan(one.p).all()
    assert one.gap.mean == pytest.approx([-0.2, 0.2])
    none = gap_test(np.full((3, 2), np.nan), [np.zeros((3, 2))])
    assert none.n == 0
    assert np.isnan(none.gap.mean).all()


def test_the_same_seed_gives_the_same_numbers():
    distances = np.random.default_rng(9).random((30, 3))
    base = [np.full((30, 3), 0.2)]
    first, second = (gap_test(distances, base) for _ in range(2))
    assert first.p.tolist() == second.p.tolist()
    assert first.gap.low.tolist() == second.gap.low.tolist()


def test_a_gap_without_a_baseline_or_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="baseline"):
        gap_test(np.zeros((3, 2)), [])
    with pytest.raises(ValueError, match="alike"):
        gap_test(np.zeros((3, 2)), [np.zeros((2, 2))])


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


def test_many_answers_to_one_question_have_the_distances_of_each():
    rng = np.random.default_rng(14)
    item = world(rng, 0.35, people_themselves)[0]
    answers = rng.dirichlet(np.ones(5), size=4)
    thinned = thin([item], np.random.default_rng(1))
    one_by_one = [distances_to(thinned, [item._replace(model=answer)])[0] for answer in answers]
    assert distances_of(thinned, answers) == pytest.approx(np.array(one_by_one))


def test_all_measures_in_one_pass_are_those_of_each_answer_by_itself():
    rng = np.random.default_rng(3)
    items = world(rng, 0.3, lambda true, centre, rng: centre)
    several = [item._replace(model=np.stack([item.people, np.roll(item.people, 1, axis=-1)])) for item in items]
    thinned = thin(items, rng)
    found = group_measures(thinned, several)
    assert found.raw.shape == (2, QUESTIONS, len(SIZES))
    for place in range(2):
        alone = [item._replace(model=item.model[place]) for item in several]
        assert (found.level[place] == distances_to(thinned, alone)).all()
        for name, item in zip(range(QUESTIONS), alone, strict=True):
            far = (emd_ordinal if item.ordinal else total_variation)(item.people, item.model)
            assert found.raw[place, name] == pytest.approx(far)
    ordinal = np.array([item.ordinal for item in items])
    assert found.spread[0, ordinal] == pytest.approx(np.ones((ordinal.sum(), len(SIZES))))
    assert np.isnan(found.spread[:, ~ordinal]).all()
