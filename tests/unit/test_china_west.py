import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.findings.china_west import (
    ANSWER_COLUMNS,
    FEWEST_ITEMS,
    MEASURES,
    directions,
    effects,
    group_of,
    measure_counts,
    origins,
    overall,
    own_answers,
    places,
    plain_places,
    publics,
    published_answers,
)
from core.i18n import languages, texts
from core.runs.bank import load_bank
from core.surveys.published import ITEMS, positions
from core.types import Persona


def answers_of(models):
    """``models``: (id, base, tuner, developer, {(language, persona): means})."""
    rows = [
        (name, name, "own", base, tuner, maker, language, persona, item, mean, 1.0)
        for name, base, tuner, maker, asked in models
        for (language, persona), means in asked.items()
        for item, mean in zip(ITEMS, means, strict=False)
    ]
    return pd.DataFrame(rows, columns=list(ANSWER_COLUMNS))


def test_the_published_models_stand_where_the_start_page_puts_them():
    for language, persona in (("en", "none"), ("zh", "CHN")):
        mine = places(published_answers(), language, persona).set_index("name")
        theirs = positions(language, None if persona == "none" else persona).set_index("model")
        for here, there in (
            ("lean_distance", "lean"),
            ("lean_distance_low", "lean_low"),
            ("near_usa", "items_nearer_usa"),
        ):
            assert mine[here].to_dict() == pytest.approx(theirs[there].to_dict(), nan_ok=True)


def test_every_published_model_has_a_maker_and_an_origin_pair(tmp_path):
    frame = places(published_answers(), "en", "none")
    assert frame["group"].value_counts().to_dict() == {"West": 9, "China": 8}
    assert (frame["n_items"] == 0).sum() == 3
    path = tmp_path / "makers.csv"
    path.write_text("model,developer,origin_base,origin_tuner\nQwen3,Alibaba Cloud,China,China\n")
    with pytest.raises(DataError, match="No maker"):
        published_answers(path)


@pytest.mark.parametrize(
    ("pair", "group"),
    [
        (("China", "China"), "China"),
        (("West", "China"), "mixed"),
        (("China", "West"), "mixed"),
        (("other", "other"), "other"),
        (("West", "unknown"), "other"),
    ],
)
def test_origin_is_a_pair(pair, group):
    assert group_of(*pair) == group


def test_a_public_is_nearest_to_itself_by_every_measure():
    china, usa = publics()
    models = [(name, "West", "West", name, {("en", "none"): people}) for name, people in (("c", china), ("u", usa))]
    frame = places(answers_of(models), "en", "none").set_index("name")
    for measure in MEASURES:
        assert frame.loc["c", f"lean_{measure}"] < 0 < frame.loc["u", f"lean_{measure}"]
    assert frame.loc["u", "rho_usa"] == pytest.approx(1)
    assert directions(frame.reset_index()).set_index("name").loc["u", list(MEASURES)].tolist() == ["USA"] * 3


def test_measures_may_disagree_and_it_is_said():
    china, usa = publics()
    flipped = 11 - usa  # the order of the USA turned round, so the correlation is below that with China
    frame = places(answers_of([("odd", "West", "West", "y", {("en", "none"): flipped})]), "en", "none")
    assert frame["lean_rank"].iloc[0] < 0
    near = np.where(np.abs(china - usa) > np.median(np.abs(china - usa)), china, usa)
    sides = directions(places(answers_of([("mix", "West", "West", "y", {("en", "none"): near})]), "en", "none"))
    assert not sides["agree"].iloc[0]
    assert sides.loc[0, "distance"] == "CHN"
    assert sides.loc[0, "items"] == "USA"


def test_the_middle_of_the_scale_leans_without_values_and_has_no_rank():
    plain = plain_places().set_index("baseline")
    assert plain.loc["middle", "lean_distance_low"] > 0
    assert plain.loc["middle", "near_usa"] == 15
    assert np.isnan(plain.loc["middle", "lean_rank"])


def test_a_model_with_few_questions_keeps_its_row_and_counts_nowhere():
    few = answers_of([("few", "West", "West", "y", {("en", "none"): publics().usa[: FEWEST_ITEMS - 1]})])
    frame = places(few, "en", "none")
    assert frame["n_items"].tolist() == [FEWEST_ITEMS - 1]
    assert frame["lean_distance_low"].isna().all()
    assert measure_counts(frame)["models"].tolist() == [0, 0, 0]
    assert origins(few, "en", "none")["measured"].tolist() == [0]


@pytest.mark.parametrize("asked", [FEWEST_ITEMS, len(ITEMS) - 1])
def test_a_model_that_lacks_some_questions_is_not_counted_beside_those_that_have_all(asked):
    models = [
        (name, "West", "West", name, {("en", "none"): publics().usa[:n]}) for name, n in (("all", 19), ("some", asked))
    ]
    answers = answers_of(models)
    frame = places(answers, "en", "none")
    assert sorted(frame["n_items"]) == [asked, 19]
    assert measure_counts(frame)["models"].tolist() == [1, 1, 1]
    assert directions(frame)["name"].tolist() == ["all"]
    assert origins(answers, "en", "none").set_index("group").loc["West", "measured"] == 1


def test_mixed_origins_stand_apart_from_both_groups():
    asked = {("en", "none"): publics().usa}
    pairs = (("China", "China"), ("West", "West"), ("West", "China"))
    models = [(f"m{i}", base, tuner, f"d{i}", asked) for i, (base, tuner) in enumerate(pairs)]
    frame = origins(answers_of(models), "en", "none").set_index("group")
    assert frame.loc[["China", "West", "mixed"], "measured"].tolist() == [1, 1, 1]
    assert np.isnan(frame.loc["China", "low"])  # one developer tells nothing about its fellows
    assert frame.loc["difference", "mean"] == pytest.approx(0)


def test_models_of_one_developer_do_not_make_an_origin_surer():
    rng = np.random.default_rng(1)
    usa = publics().usa
    makers = [
        (f"m{i}", "West", "West", f"d{i}", {("en", "none"): np.clip(usa + rng.normal(0, 1, 19), 1, 10)})
        for i in range(5)
    ]
    twins = [(f"{name}-{k}", base, tuner, maker, asked) for name, base, tuner, maker, asked in makers for k in range(4)]
    one, many = (origins(answers_of(part), "en", "none").iloc[0] for part in (makers, twins))
    assert many["measured"] == 20
    assert many["developers"] == 5
    assert (many["low"], many["high"]) == pytest.approx((one["low"], one["high"]))


def test_a_planted_change_is_found_and_only_pairs_count():
    china, usa = publics()
    toward = usa + 0.6 * (china - usa)
    both = [(f"m{i}", "West", "West", f"d{i}", {("en", "none"): usa, ("zh", "none"): toward}) for i in range(6)]
    alone = [("lone", "China", "China", "z", {("zh", "none"): china})]
    for measure in ("distance", "items"):
        row = effects(answers_of(both + alone), measure).set_index(["contrast", "group"]).loc[("language", "all")]
        assert (row["models"], row["developers"], row["toward_chn"]) == (6, 6, 6)
        assert row["high"] < 0
        assert row["d_chn"] < 0 < row["d_usa"]
    other = effects(answers_of(both)).set_index(["contrast", "group"])
    assert other.loc[("persona", "all"), "models"] == 0


def test_means_of_runs_are_read_from_distributions_with_their_questions():
    bank = load_bank()
    model = next(iter(bank.models))
    table = pd.DataFrame(
        [(model, "Q182", Persona(country=c).key if c else Persona().key, "en", (0.0,) * 9 + (1.0,), 0.9, "r")
         for c in (None, "CHN", "DEU")],
        columns=["model_id", "question_id", "persona", "language", "probabilities", "valid_mass", "run_id"],
    )  # fmt: skip
    own = own_answers(table, bank.models, bank.questions, ["r"])
    assert own["persona"].tolist() == ["none", "CHN"]
    assert own["mean"].tolist() == [10, 10]
    assert set(own["source"]) == {"shipped"}
    assert set(own_answers(table, {}, bank.questions)["base"]) == {"unknown"}


@pytest.mark.parametrize("language", languages())
def test_the_row_of_a_question_is_named_by_what_is_judged_and_not_by_the_scale(language):
    scale = texts(language)("chart.is_justifiable")
    for item in ITEMS:
        short = load_bank().questions[item].short.get(language)
        assert short.endswith(scale)
        assert short.removesuffix(scale).strip()


def test_an_answer_without_values_leaves_no_lean_beyond_itself():
    middle, usa = [5.5] * len(ITEMS), list(publics().usa)
    same = [(f"m{n}", "China", "China", f"d{n}", {("en", "none"): middle}) for n in range(6)]
    frame = overall(answers_of(same), "en", "none").set_index("group")
    assert frame.loc["all", "mean"] == pytest.approx(
        plain_places().set_index("baseline").loc["middle", "lean_distance"]
    )
    assert frame.loc["beyond", "mean"] == pytest.approx(0)
    assert frame["models"].tolist() == [6, 6]
    american = [(f"m{n}", "West", "West", f"d{n}", {("en", "none"): usa}) for n in range(6)]
    frame = overall(answers_of(american), "en", "none").set_index("group")
    gap = np.abs(np.subtract(*publics())).mean()
    assert frame.loc["all", "mean"] == pytest.approx(gap)
    assert frame.loc["beyond", "mean"] == pytest.approx(gap - overall(answers_of(same), "en", "none")["mean"].iloc[0])
    assert frame.loc["beyond", "low"] > 0
    ranks = overall(answers_of(american), "en", "none", "rank").set_index("group")
    assert np.isnan(ranks.loc["beyond", "mean"]), "the middle everywhere has no order"
    assert overall(answers_of(same[:0]), "en", "none")["models"].tolist() == [0, 0]
