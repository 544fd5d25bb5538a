"""Sources that others measured, in the verdicts: what decides, what is only shown, what a reader takes out."""

import csv
from collections import defaultdict
from statistics import mean

import pandas as pd
import pytest

from core.findings.claims.evidence import lean_steps, published_evidence, published_publics
from core.findings.claims.publics import beyond_publics
from core.findings.claims.sources import PART, RULES, SHOWN, disagreeing, outcome_of, rules_of
from core.findings.claims.verdicts import CLAIMS, COLUMNS
from core.settings import DATA
from tests.unit.test_claims import world


def test_every_source_belongs_to_a_claim_of_the_paper():
    assert set(RULES) <= set(CLAIMS)
    for claim in CLAIMS:
        assert list(rules_of(claim))[: len(CLAIMS[claim].streams)] == list(CLAIMS[claim].streams)


def test_a_least_effect_is_the_same_part_of_each_range():
    assert CLAIMS["us_centric"].streams["published"].least == PART * 9
    assert RULES["us_centric"]["mfq2"].least == pytest.approx(1 / 9)
    assert RULES["multilingual"]["criticism"].least == pytest.approx(1 / 36)


def test_a_source_that_is_only_shown_decides_nothing():
    west = world([0.5] * 8, side="West", questions=36, noise=0.02).assign(n_items=36)
    assert outcome_of("us_centric", {"mfq2": west}).verdict == "supported"
    shown = outcome_of("us_centric", {"mfq2_zh": west})
    assert "mfq2_zh" in SHOWN
    assert shown.streams["mfq2_zh"].verdict == "supported"
    assert shown.verdict == "unknown"


def test_a_source_that_is_taken_out_no_longer_counts():
    yes, no = (world([value] * 8, side="West", questions=36, noise=0.02) for value in (0.5, -0.5))
    both = {"mfq2": yes, "mfq2_2026": no}
    torn = outcome_of("us_centric", both)
    assert (torn.verdict, torn.reason) == ("unknown", "disagree")
    assert disagreeing(torn) == {"mfq2": "supported", "mfq2_2026": "not_supported"}
    kept = outcome_of("us_centric", both, without={"mfq2_2026"})
    assert kept.verdict == "supported"
    assert "mfq2_2026" not in kept.streams
    assert disagreeing(kept) == {}


def test_a_claim_without_any_source_left_cannot_be_told():
    nothing = outcome_of("us_centric", {}, without=set(rules_of("us_centric")))
    assert (nothing.verdict, nothing.reason, nothing.streams) == ("unknown", "none", {})


@pytest.fixture(scope="module")
def found():
    return published_evidence()


def test_every_added_source_but_runs_has_evidence_of_the_one_form(found):
    for claim, rules in RULES.items():
        for name in rules:
            if name == "runs_whole":
                continue
            frame = found[claim][name]
            assert tuple(frame.columns) == COLUMNS
            assert len(frame)
            assert frame["value"].notna().all()


def raw_foundations():
    """model -> (language, foundation) -> mean without a persona, and place -> foundation -> mean, from the files."""
    models, people, side = defaultdict(dict), defaultdict(dict), {}
    with (DATA / "published" / "mfq2_made_in_china.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["origin"] in ("China", "West") and not row["persona_country"]:
                models[row["model"]][row["prompt_language"], row["item"]] = float(row["value"])
                side[row["model"]] = row["origin"]
    with (DATA / "published" / "human_references.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["scale"].startswith("MFQ-2") and row["statistic"] == "mean, 1..5":
                people[row["place"]][row["scale"]] = float(row["value"])
    return models, people, side


def test_foundations_move_with_the_language_as_the_file_has_it(found):
    models, people, side = raw_foundations()
    moved = {m: mean(abs(a["zh", f] - a["en", f]) for f in people["USA"]) for m, a in models.items()}
    frame = found["multilingual"]["mfq2"]
    mine = frame.groupby("name")["value"].mean()
    assert mine.to_dict() == pytest.approx(moved)
    assert dict(frame[["name", "side"]].drop_duplicates().itertuples(index=False, name=None)) == side


def test_nearness_to_the_usa_is_net_of_the_middle_of_the_scale(found):
    models, people, _ = raw_foundations()

    def nearer(answer):
        others = [p for place, p in people.items() if place != "USA"]
        return mean(
            mean(abs(p[f] - answer[f]) for p in others) - abs(people["USA"][f] - answer[f]) for f in people["USA"]
        )

    middle = nearer(dict.fromkeys(people["USA"], 3.0))
    answer = {f: models["GPT-4"]["en", f] for f in people["USA"]}
    frame = found["us_centric"]["mfq2"]
    assert frame[frame["name"] == "GPT-4"]["value"].mean() == pytest.approx(nearer(answer) - middle)
    assert set(frame["n_items"]) == {36}


def test_a_public_that_answers_as_itself_does_not_miss_itself_more_than_others_do():
    publics = published_publics()
    assert publics["us_centric"]["mfq2"]["name"].nunique() == 19
    assert publics["neither"]["mfq2"]["name"].nunique() == 19


def test_statements_behind_a_mean_are_still_counted_beside_the_publics(found):
    moved = beyond_publics(found["us_centric"]["mfq2"], published_publics()["us_centric"]["mfq2"])
    assert set(moved["n_items"]) == {36}
    one = published_publics()["us_centric"]["mfq2"].query("question != 'MFQ-2: Care'")
    assert set(beyond_publics(found["us_centric"]["mfq2"], one)["n_items"]) == {30}


def test_steps_of_the_moral_machine_leave_out_guessed_sizes(found):
    steps = found["scale"]["moral_steps"]
    assert len(steps) == 33
    assert (steps["value"] > 0).sum() == 9
    assert not steps["name"].str.contains("GPT|o1|Claude").any()
    assert not found["scale"]["moral_sizes"]["name"].str.contains("GPT|o1|Claude").any()


def test_a_month_is_told_from_a_release():
    steps = lean_steps()
    assert steps["kind"].value_counts().to_dict() == {"calendar": 8, "release": 4}
    gone = steps[(steps["kind"] == "release") & (steps["developer"] == "Anthropic")].iloc[0]
    assert gone["change"] == pytest.approx(0.695 - 0.8155)


def test_models_tuned_on_the_other_side_are_on_neither(found):
    sides = found["multilingual"]["criticism"].set_index("name")["side"]
    assert sides["perplexity/r1-1776"] == "mixed"
    assert isinstance(sides, pd.Series)
