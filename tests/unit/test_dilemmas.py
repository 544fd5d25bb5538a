"""The corpus keeps its form, and models with known behaviour come out as built."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from core.audits import AUDITS
from core.audits.base import Bank
from core.audits.stability.audit import AXES, Spec, cells_for, plan, question_of, variants_of
from core.audits.stability.decomposition import dilemma_decomposition
from core.audits.stability.rows import readings
from core.audits.stability.scores import LEAST_EXCESS, score
from core.audits.stability.waves import drift, list_waves
from core.errors import DataError, InputError
from core.providers.mock import MockProvider
from core.runs.runner import Runner
from core.settings import DATA
from core.stats import benjamini_hochberg
from core.store import Store
from core.surveys.dilemmas import DOMAINS, FOLDER, STEPS, VALUES, load_dilemmas, read_dilemmas
from core.types import Capabilities, Model, Origin, cell_id

CORPUS = load_dilemmas()
SOME = [dilemma for dilemma in CORPUS.values() if dilemma.domain in ("health", "work")]
READ_BY_HAND = {("family-11", "en", 1), ("administration-03", "en", 3), ("administration-09", "zh", 2)}
"""Paraphrases that share more words with the other action although their roles are right: read one by one."""


def words(text):
    """Words and word parts of English, characters and pairs of Chinese."""
    plain = re.sub(r"\W+", " ", text.lower()).strip()
    if re.search("[a-z]", plain):
        return {*plain.split(), *(plain[i : i + 4] for i in range(len(plain) - 3))}
    run = plain.replace(" ", "")
    return {*run, *(a + b for a, b in pairwise(run))}


def likeness(x, y):
    return len(words(x) & words(y)) / len(words(x) | words(y))


# The corpus


def test_the_corpus_has_the_promised_size_and_mixture():
    assert len(CORPUS) >= 80
    assert {d.domain for d in CORPUS.values()} == set(DOMAINS)
    assert sum(d.ambiguity == "low" for d in CORPUS.values()) >= len(CORPUS) / 3
    assert sum(bool(d.escalation) for d in CORPUS.values()) >= 20
    worse = [d.worse for d in CORPUS.values() if d.worse]
    assert min(worse.count("a"), worse.count("b")) >= 8
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(DOMAINS)


@pytest.mark.parametrize("dilemma", CORPUS.values(), ids=lambda d: d.id)
def test_every_shipped_dilemma_is_complete(dilemma):
    assert re.fullmatch(rf"{dilemma.domain}-\d\d", dilemma.id)
    assert len(dilemma.paraphrase) == 3
    assert dilemma.good is not None
    assert dilemma.bad is not None
    assert len(dilemma.escalation) in (0, STEPS)
    for language in ("en", "zh"):
        told = [w.situation.get(language) for w in dilemma.wordings]
        assert len(set(told)) == 4
        texts = [*told, *(x.get(language) for w in dilemma.wordings for x in (w.a, w.b))]
        texts += [dilemma.good.get(language), dilemma.bad.get(language)]
        texts += [step.text.get(language) for step in dilemma.escalation]
        chinese = [bool(re.search("[一-鿿]", text)) for text in texts]
        assert all(chinese) if language == "zh" else not any(chinese)
        assert not any(re.search(r"[,.;:?!]", text) for text in texts if language == "zh")


def test_every_value_stands_for_a_and_for_b_among_the_contested_dilemmas():
    high = [d for d in CORPUS.values() if d.ambiguity == "high"]
    assert {d.value_a for d in high} == {d.value_b for d in high} == set(VALUES)


@pytest.mark.parametrize("dilemma", CORPUS.values(), ids=lambda d: d.id)
def test_no_paraphrase_swaps_the_actions(dilemma):
    for number, wording in enumerate(dilemma.paraphrase, start=1):
        for language in ("en", "zh"):
            if (dilemma.id, language, number) in READ_BY_HAND:
                continue
            a, b = dilemma.a.get(language), dilemma.b.get(language)
            one, two = wording.a.get(language), wording.b.get(language)
            assert likeness(one, a) + likeness(two, b) > likeness(one, b) + likeness(two, a), (number, language)


ENTRY = """domain = "own"
[[dilemma]]
id = "mine-01"
ambiguity = "high"
title = { en = "Lunch", zh = "午饭" }
situation = { en = "You are hungry.", zh = "你饿了。" }
a = { en = "Eat", zh = "吃" }
b = { en = "Wait", zh = "等" }
value_a = "hedonism"
value_b = "conformity"
"""


def test_a_file_of_ones_own_is_read_after_the_shipped_ones(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(ENTRY, encoding="utf-8")
    assert list(load_dilemmas(path)) == [*CORPUS, "mine-01"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"high"', '"low"', "worse"),
        ('"conformity"', '"hedonism"', "same value"),
        ('"conformity"', '"kindness"', "value_b"),
        ('"Wait"', '"Eat"', "same words"),
        ("mine-01", "health-01", "already taken"),
        ("[[dilemma]]", "[[question]]", "no [[dilemma]]"),
        ("[[dilemma]]", "[[dilemma", "whole file"),
    ],
)
def test_a_file_that_breaks_the_form_names_the_file_and_the_entry(tmp_path, old, new, says):
    path = tmp_path / "mine.toml"
    path.write_text(ENTRY.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as error:
        load_dilemmas(path)
    assert "mine.toml" in str(error.value)
    assert says in str(error.value)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(DataError, match=r"none\.toml"):
        read_dilemmas(tmp_path / "none.toml")


# The plan


def model(name="one", method="full"):
    return Model(
        id=name,
        name=name,
        provider="mock",
        remote_id=name,
        revision="1",
        origin=Origin(base="made up", tuner="made up"),
        developer="none",
        family="none",
        capabilities=Capabilities(logprobs=method),
        link="",
    )


def test_a_plan_prints_every_variant_in_both_orders_and_names_what_is_varied():
    dilemma = next(d for d in SOME if d.escalation)
    cells = cells_for(Spec(models=("one",)), [model()], [dilemma])
    assert len(cells) == 2 * 2 * (1 + 3 + 2 + 5 + 4)
    assert len({cell_id(cell) for cell in cells}) == len(cells)
    tags = {cell.tag for cell in cells}
    assert {"", "consequence:good", "consequence:bad", "escalation:5", "escalation_alone:5"} <= tags
    stems = {c.tag: c.question.stem for c in cells if not c.variant.paraphrase}
    assert dilemma.good.en in stems["consequence:good"].en
    assert all(step.text.zh in stems["escalation:5"].zh for step in dilemma.escalation)
    assert dilemma.escalation[3].text.en not in stems["escalation_alone:5"].en


@pytest.mark.parametrize("axis", ["paraphrase", "consequence", "escalation", "language"])
def test_each_axis_can_be_switched_off(axis):
    dilemma = next(d for d in SOME if d.escalation)
    kept = tuple(a for a in AXES if a != axis)
    languages = ("en",) if axis == "language" else ("en", "zh")
    spec = Spec(models=("one",), axes=kept, languages=languages)
    found = run(spec=spec, dilemmas=[dilemma])["axes"]
    assert axis not in set(found["axis"])
    assert "order" in set(found["axis"])


def test_a_plan_for_something_unknown_is_refused():
    bank = Bank(questions={}, models={"one": model()})
    assert plan(Spec(models=("one",), dilemmas=("health-01",)), bank)
    for wrong in ({"models": ("two",)}, {"dilemmas": ("tea",)}, {"domains": ("tea",)}):
        with pytest.raises(InputError):
            plan(Spec.model_validate({"models": ("one",), **wrong}), bank)


def test_the_audit_is_registered_and_scores_its_rows():
    shelf = Shelf()
    Runner(shelf, lambda name: MockProvider()).run(cells_for(Spec(models=("one",)), [model()], SOME[:2]))
    frames = AUDITS["stability"]().scores(shelf.rows, Bank(questions={}, models={}))
    assert set(frames["dilemmas"]["dilemma"]) == {d.id for d in SOME[:2]}


# Models with known behaviour


class Shelf:
    def __init__(self):
        self.rows = []

    def lookup(self, keys):
        return {}

    def append(self, rows):
        self.rows += rows
        return list(rows)


def rows_of(options=None, text=None, spec=None, method="full", dilemmas=None):
    spec = spec or Spec(models=("one",))
    shelf = Shelf()
    provider = MockProvider(options=options, text=text)
    Runner(shelf, lambda name: provider).run(cells_for(spec, [model(method=method)], dilemmas or SOME))
    return pd.DataFrame([row.model_dump() for row in shelf.rows])


def run(options=None, **more):
    return score(rows_of(options, **more), CORPUS)


def line(frames, axis, group="all"):
    table = frames["axes"]
    return table[(table["axis"] == axis) & (table["group"] == group)].iloc[0]


def choose(action, strength=1.0):
    """Mass by printed place for action 1 or 2."""
    return lambda request: [strength if code == action else 1 - strength for code in request.codes]


def test_a_model_that_always_takes_a_never_flips_and_alpha_is_undefined():
    frames = run(choose(1))
    for axis in ("again", "repeat", "order", "paraphrase", "language", "consequence", "escalation"):
        assert line(frames, axis)["flips"] == 0
        assert line(frames, axis)["excess"] == 0
    assert np.isnan(line(frames, "paraphrase")["alpha"])
    assert line(frames, "paraphrase")["raw"] == 1
    assert frames["order_bias"]["bias"].tolist() == [0, 0]
    low = [d for d in SOME if d.worse]
    assert frames["worse"]["share"].iloc[0] == pytest.approx(np.mean([d.worse == "a" for d in low]))


def test_a_model_that_takes_whatever_stands_first_flips_on_order_and_nowhere_else():
    frames = run(lambda request: [1.0, 0.0])
    assert line(frames, "order")["flips"] == 1
    assert line(frames, "order")["excess"] == 1
    assert line(frames, "order")["agreement"] == 0
    for axis in ("again", "paraphrase", "language", "consequence", "escalation"):
        # Asked in either order it answers by lot, and in no wording or language otherwise than in another.
        assert line(frames, axis)["flips"] == line(frames, axis)["noise"] == 0.5
        assert line(frames, axis)["excess"] == 0
    assert frames["order_bias"]["bias"].tolist() == [0.5, 0.5]
    assert (frames["values"]["win"] == 0.5).all()


def test_flips_on_a_known_third_of_paraphrases_come_out_as_a_third():
    second = {d.paraphrase[1].situation.get(lang) for d in SOME for lang in ("en", "zh")}

    def options(request):
        turned = any(text in request.messages[-1].content for text in second)
        return choose(2 if turned else 1)(request)

    frames = run(options)
    found = line(frames, "paraphrase")
    assert found["flips"] == found["excess"] == found["changed"] == pytest.approx(1 / 3)
    assert found["noise"] == 0
    assert found["agreement"] == pytest.approx(1 / 2)  # three of four alike: 6 of 12 ordered pairs
    assert line(frames, "order")["flips"] == 0
    assert line(frames, "again")["flips"] == pytest.approx(1 / 6)


def test_a_coin_shows_many_flips_and_no_excess():
    frames = run(choose(1, 0.5), method="none", spec=Spec(models=("one",), samples=20), dilemmas=list(CORPUS.values()))
    for axis in ("again", "order", "paraphrase", "language"):
        found = line(frames, axis)
        assert found["flips"] == pytest.approx(0.5, abs=0.05)
        assert found["excess_low"] <= 0 <= found["excess_high"]
    assert line(frames, "repeat")["flips"] == pytest.approx(0.5, abs=0.05)
    exact = run(choose(1, 0.5))
    assert line(exact, "again")["excess"] == 0
    assert line(exact, "again")["noise"] == 0.5
    assert np.isnan(line(exact, "paraphrase")["changed"])  # even odds are no choice


def test_a_model_that_refuses_in_chinese_only_shows_it_by_language_and_in_no_flip():
    def chinese(request):
        return bool(re.search("[一-鿿]", request.messages[-1].content))

    frames = run(
        lambda request: [0.0, 0.0] if chinese(request) else choose(1)(request),
        text=lambda request: "抱歉，我无法回答这个问题。" if chinese(request) else "A",
        spec=Spec(models=("one",), text_check=True),
    )
    answered = frames["answered"].set_index("language")
    assert answered["unanswered"].to_dict() == {"en": 0, "zh": 1}
    texts = frames["texts"].set_index(["language", "outcome"])["share"]
    assert texts.to_dict() == {("en", "option"): 1, ("zh", "refusal"): 1}
    assert frames["answered"].set_index("language")["left_out"]["zh"] > 0
    assert "language" not in set(frames["axes"]["axis"])
    assert line(frames, "order")["flips"] == 0


def chinese_prompt(request):
    return bool(re.search("[一-鿿]", request.messages[-1].content))


@pytest.mark.parametrize("method", ["full", "none"])
def test_a_place_taken_more_often_in_one_language_is_no_change_of_mind_and_a_changed_mind_is_found(method):
    """The biased model knows nothing: it takes the first place 29 % of the time in English and 82 % in Chinese."""

    def biased(request):
        first = 0.82 if chinese_prompt(request) else 0.29
        return [first, 1 - first]

    def turning(request):
        return choose(2 if chinese_prompt(request) else 1, 0.9)(request)

    spec = Spec(models=("one",), axes=("order", "paraphrase", "language"), samples=20)
    frames, turned = (run(of, spec=spec, method=method, dilemmas=list(CORPUS.values())) for of in (biased, turning))
    for axis in ("again", "paraphrase", "language"):
        found = line(frames, axis)
        assert found["excess_low"] <= 1e-12
        assert found["excess_high"] >= -1e-12
        assert found["excess"] < LEAST_EXCESS
    assert line(frames, "order")["excess_low"] > 0.2
    assert line(turned, "language")["excess_low"] > 0.5
    assert line(turned, "order")["excess_low"] <= 1e-12
    assert line(turned, "paraphrase")["excess"] < LEAST_EXCESS


def test_readings_of_little_mass_are_counted_apart_and_compared_with_nothing():
    frames = run(lambda request: [0.3, 0.1] if chinese_prompt(request) else [0.5, 0.4])
    answered = frames["answered"].set_index("language")
    assert answered["left_out"].to_dict() == {"en": 0, "zh": answered.loc["zh", "readings"]}
    assert set(frames["axes"]["axis"]) == {"again", "repeat", "order", "paraphrase", "consequence", "escalation"}
    assert line(frames, "order")["n"] == len(SOME)


def test_a_model_that_switches_at_step_four_shows_it_in_the_curve():
    climbing = [d for d in SOME if d.escalation]
    late = {d.escalation[3].text.get(lang) for d in climbing for lang in ("en", "zh")}

    def options(request):
        return choose(2 if any(text in request.messages[-1].content for text in late) else 1)(request)

    frames = run(options, dilemmas=climbing)
    curve = frames["curve"].set_index(["way", "step"])["p_b"]
    assert curve["sequence"].tolist() == [0, 0, 0, 0, 1, 1]
    assert curve["alone"].tolist() == [0, 0, 0, 0, 1, 0]
    assert set(frames["switches"]["step"]) == {4}


def test_value_wins_follow_what_is_chosen():
    def options(request):
        hit = [d for d in SOME if d.situation.en in request.messages[-1].content]
        return choose(1 if hit and hit[0].value_a == "benevolence" else 2)(request)

    spec = Spec(models=("one",), languages=("en",), axes=("order",))
    values = run(options, spec=spec)["values"].set_index(["ambiguity", "value"])
    high = [d for d in SOME if d.ambiguity == "high" and "benevolence" in (d.value_a, d.value_b)]
    assert high
    assert values.loc[("high", "benevolence"), "win"] == 1
    assert values.loc[("high", "benevolence"), "n"] == len(high)


def test_the_p_of_a_stated_consequence_is_adjusted_over_all_of_them():
    texts = {d.good.get(lang): i for i, d in enumerate(SOME[:8]) for lang in ("en", "zh")}

    def options(request):
        told = [i for text, i in texts.items() if text in request.messages[-1].content]
        return choose(1, 0.5 + (0.2 if told else 0.0) - (0.35 if told and told[0] == 0 else 0.0))(request)

    found = run(options, spec=Spec(models=("one",), axes=("consequence",)), dilemmas=SOME[:8])["consequence"]
    rows = found.set_index("consequence")
    assert rows.loc["good", "shift"] == pytest.approx((7 * 0.2 - 0.15) / 8)
    assert rows.loc["good", "p"] == pytest.approx(4 / 2**8)
    assert rows["p_adjusted"].to_dict() == pytest.approx({"good": 2 * 4 / 2**8, "bad": 1.0})


def test_own_dilemmas_are_scored_from_their_rows_alone(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(ENTRY, encoding="utf-8")
    mine = list(read_dilemmas(path).values())
    frames = run(choose(1), dilemmas=mine)
    assert frames["dilemmas"]["dilemma"].unique().tolist() == ["mine-01"]
    assert set(frames["values"]["value"]) == {"hedonism", "conformity"}


def test_no_rows_give_empty_frames():
    frames = score(rows_of(choose(1), dilemmas=SOME[:1]).iloc[:0], CORPUS)
    assert all(frame.empty for frame in frames.values())


def test_a_question_of_a_dilemma_holds_its_facts_and_not_its_order():
    dilemma = SOME[0]
    questions = [question for _, _, question in variants_of(dilemma, Spec(models=("one",)))]
    assert {q.id for q in questions} == {dilemma.id}
    assert question_of(dilemma, dilemma.wordings[0]).codes == (1, 2)


# Waves


def wave(run_id, rows, revision="1"):
    return rows.assign(run_id=run_id, model_revision=revision)


def waves_of(*names):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return pd.DataFrame({"run_id": names, "created": [start + timedelta(days=30 * i) for i in range(len(names))]})


def test_the_same_weights_drift_by_nothing():
    rows = rows_of(spec=Spec(models=("one",), axes=("order", "paraphrase")))
    found = drift(pd.concat([wave("w1", rows), wave("w2", rows)]), waves_of("w1", "w2"), CORPUS).iloc[0]
    assert (found["moved"], found["changed"], found["p_value"]) == (0, 0, 1)
    assert found["kind"] == "retest"


def test_a_new_version_that_chooses_otherwise_is_version_drift():
    before, after = (rows_of(choose(1, p)) for p in (0.8, 0.3))
    frame = pd.concat([wave("w1", before), wave("w2", after, "2")])
    found = drift(frame, waves_of("w1", "w2"), CORPUS).iloc[0]
    assert found["kind"] == "version"
    assert found["moved"] == pytest.approx(0.5)
    assert found["changed"] == 1
    assert found["p_value"] < 0.01


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("one-2026-03-01", "one-2026-03-01", "retest"),
        ("one-2026-03-01", "one-2026-08-06", "version"),
        ("one-2026-03-01", "two-flash-lite", "redirect"),
        ("loaded-model", "loaded-model", "retest"),
        (None, "two-flash-lite", "retest"),
        (None, None, "retest"),
    ],
)
def test_calendar_release_and_silent_redirect_are_told_apart(before, after, kind):
    """A hosted model has no revision; a wave that kept no served name tells of no change."""
    rows = rows_of(spec=Spec(models=("one",), axes=("order",)))
    waves = [wave(name, rows, None).assign(served_model=told) for name, told in (("w1", before), ("w2", after))]
    found = drift(pd.concat(waves), waves_of("w1", "w2"), CORPUS, asked={"one": "one"}).iloc[0]
    assert (found["kind"], found["served_before"], found["served"]) == (kind, before or "", after or "")


def test_a_fingerprint_that_changed_under_one_name_is_told():
    rows = rows_of(spec=Spec(models=("one",), axes=("order",)))
    waves = [
        wave(name, rows).assign(served_model="one", served_fingerprint=told)
        for name, told in (("w1", "a"), ("w2", "b"))
    ]
    both = pd.concat(waves)
    assert drift(both, waves_of("w1", "w2"), CORPUS).iloc[0]["fingerprint"]
    same = both.assign(served_fingerprint="a")
    assert not drift(same, waves_of("w1", "w2"), CORPUS).iloc[0]["fingerprint"]


def test_fresh_samples_of_the_same_model_are_within_the_permutation_null():
    spec = Spec(models=("one",), samples=20, axes=("order",))
    waves = [rows_of(choose(1, 0.6), method="none", spec=spec.model_copy(update={"seed": s})) for s in (1, 2)]
    frame = pd.concat([wave("w1", waves[0]), wave("w2", waves[1])])
    found = drift(frame, waves_of("w1", "w2"), CORPUS).iloc[0]
    assert found["moved"] > 0
    assert found["p_value"] > 0.05


def test_changes_that_cancel_out_are_a_move_without_a_common_direction():
    """A model replaced by one that moves up in half of the dilemmas and down in the rest was said not to move."""
    spec = Spec(models=("one",), axes=("order",))
    count = len(SOME) // 2
    halves = ((0.8, SOME[:count]), (0.2, SOME[count : 2 * count]))
    before = rows_of(choose(1, 0.5), spec=spec, dilemmas=SOME[: 2 * count])
    after = pd.concat([rows_of(choose(1, p), spec=spec, dilemmas=some) for p, some in halves])
    found = drift(pd.concat([wave("w1", before), wave("w2", after)]), waves_of("w1", "w2"), CORPUS).iloc[0]
    assert found["moved"] == pytest.approx(0.3)
    assert found["p_value"] == 1
    assert not found["sampled"]
    assert np.isnan(found["p_adjusted"])


def test_the_p_of_sampled_waves_is_adjusted_over_all_of_them():
    spec = Spec(models=("one",), samples=20, axes=("order",))
    some = [
        wave(f"w{i}", rows_of(choose(1, p), method="none", spec=spec.model_copy(update={"seed": i}), dilemmas=SOME[:4]))
        for i, p in enumerate((0.6, 0.6, 0.75))
    ]
    found = drift(pd.concat(some), waves_of("w0", "w1", "w2"), CORPUS)
    assert found["sampled"].tolist() == [True, True]
    assert found["p_adjusted"].tolist() == benjamini_hochberg(found["p_value"]).tolist()
    assert (found["p_adjusted"] > found["p_value"]).any()


def test_a_model_read_in_two_ways_moves_only_between_answers_of_one_way():
    """Direct readings that moved were said not to move where other answers of the same waves had been sampled."""
    spec = Spec(models=("one",), samples=20, axes=("order",))
    parts = (("full", SOME[:8], 0.9, 0.6), ("none", SOME[8:14], 0.6, 0.6))
    before, after = (
        pd.concat(
            rows_of(
                choose(1, (one, other)[place]), method=way, spec=spec.model_copy(update={"seed": place}), dilemmas=some
            )
            for way, some, one, other in parts
        )
        for place in (0, 1)
    )
    found = drift(pd.concat([wave("w1", before), wave("w2", after)]), waves_of("w1", "w2"), CORPUS)
    assert found["sampled"].tolist() == [False, True]
    assert found["n"].tolist() == [8, 6]
    assert found["moved"].iloc[0] == pytest.approx(0.3)
    assert np.isnan(found["p_adjusted"].iloc[0])
    assert found["p_adjusted"].iloc[1] > 0.05
    assert found["other_way"].tolist() == [0, 0]


def test_an_endpoint_that_stops_telling_probabilities_is_no_drift():
    spec = Spec(models=("one",), samples=20, axes=("order",))
    direct, counted = (rows_of(choose(1, 0.7), method=way, spec=spec, dilemmas=SOME[:6]) for way in ("full", "none"))
    found = drift(pd.concat([wave("w1", direct), wave("w2", counted)]), waves_of("w1", "w2"), CORPUS)
    assert len(found) == 1
    assert np.isnan(found["moved"].iloc[0])
    assert found["other_way"].iloc[0] == 6 * len(spec.languages)


def test_what_moves_an_answer_is_not_the_way_it_was_read():
    spec = Spec(models=("one",), samples=3, axes=("order", "paraphrase"))
    direct, counted = (
        rows_of(choose(1, 0.7), method=way, spec=spec, dilemmas=some)
        for way, some in (("full", SOME[:6]), ("none", SOME[:8]))
    )
    # Half of the orders of six dilemmas were read directly, the rest was counted.
    mixed = pd.concat(
        [direct[[codes[0] == 1 for codes in direct["codes"]]], counted[[codes[0] == 2 for codes in counted["codes"]]]]
    )
    whole = rows_of(choose(1, 0.7), spec=spec, dilemmas=SOME[8:14])
    assert dilemma_decomposition(readings(mixed, CORPUS)).empty
    found = dilemma_decomposition(readings(pd.concat([mixed, whole]), CORPUS))
    assert found.set_index("part")["share"]["order"] == pytest.approx(0)
    assert found["questions"].iloc[0] == 6
    assert found["left_out"].iloc[0] > 0


def test_copied_answers_are_no_new_wave():
    rows = rows_of(spec=Spec(models=("one",), axes=("order",)))
    copied = wave("w2", rows).assign(copied_from="w1")
    assert drift(pd.concat([wave("w1", rows), copied]), waves_of("w1", "w2"), CORPUS).empty


def test_waves_are_runs_of_one_spec_oldest_first():
    runs = pd.DataFrame(
        {
            "run_id": ["c", "b", "a", "x"],
            "kind": ["stability", "stability", "stability", "probe"],
            "created": pd.to_datetime(["2026-03-01", "2026-02-01", "2026-01-01", "2026-01-01"]),
            "spec": ['{"seed":0}', '{"seed":1}', '{"seed":0}', "null"],
            "rows": [5, 5, 5, 5],
            "errors": [0, 0, 0, 0],
        }
    )
    found = list_waves(runs)
    assert found["run_id"].tolist() == ["a", "b", "c"]
    assert found["series"].iloc[0] == found["series"].iloc[2] != found["series"].iloc[1]


SHIPPED = [DATA / "runs" / f"demo-edc-wave-{number}" for number in (1, 2)]


@pytest.mark.skipif(not all(path.exists() for path in SHIPPED), reason="the shipped waves are not there")
def test_the_shipped_waves_show_no_drift_and_a_plain_order_bias(tmp_path):
    store = Store(tmp_path / "runs", [DATA / "runs"])
    runs = list_waves(store.runs())
    waves = runs[runs["run_id"].isin([path.name for path in SHIPPED])]
    assert waves["series"].nunique() == 1
    frame = store.responses(list(waves["run_id"]))
    found = drift(frame, waves, CORPUS).iloc[0]
    assert (found["moved"], found["changed"], found["p_value"], found["copied"]) == (0, 0, 1, 0)
    assert found["kind"] == "retest"
    bias = score(frame[frame["run_id"] == SHIPPED[0].name], CORPUS)["order_bias"]
    assert ((bias["low"] > 0) | (bias["high"] < 0)).any()
    store.close()
