"""Instruments of the China-West page: values as published, means clustered by developer, built apart from tuned."""

import json

import numpy as np
import pandas as pd
import pytest

from core import i18n
from core.charts.instruments import ORIGINS, instrument_chart
from core.charts.palette import LIGHT
from core.findings.china_west.instruments import (
    INSTRUMENTS,
    PAIRS,
    distances,
    items_apart,
    leans,
    means_by_pair,
    people_of,
    reluctance,
    sides_apart,
    values_of,
)
from core.findings.china_west.makers import agreement


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_values_lie_within_the_range_and_every_item_is_there(name):
    known = INSTRUMENTS[name]
    values = values_of(name, known.languages[0])
    assert values["value"].between(known.low, known.high).all()
    assert list(values["item"].unique()) == list(known.items.values())
    assert set(values["pair"]) <= set(PAIRS)
    people = people_of(name)
    assert set(people["place"]) == set(known.people)
    assert people["value"].between(known.low, known.high).all()


def test_models_of_one_developer_do_not_count_as_many():
    base = {"item": "care", "pair": "West/West"}
    noise = np.random.default_rng(0).normal(0, 0.01, 12)
    level = np.repeat([1.0, 2.0, 3.0], 4)
    one = pd.DataFrame({**base, "developer": np.repeat(list("abc"), 4), "value": level + noise})
    many = one.assign(developer=[f"d{i}" for i in range(12)])
    few, each = means_by_pair(one).iloc[0], means_by_pair(many).iloc[0]
    assert few["mean"] == pytest.approx(each["mean"])
    assert few["high"] - few["low"] > 2 * (each["high"] - each["low"])
    assert (few["models"], few["developers"]) == (12, 3)
    alone = means_by_pair(one.assign(developer="a")).iloc[0]
    assert np.isnan(alone["low"])


def test_a_chinese_model_that_a_western_firm_tuned_is_shown_apart():
    means = means_by_pair(values_of("criticism", "all")).set_index(["item", "pair"])["mean"]
    assert means["china_zh", "China/China"] == pytest.approx(0.41, abs=0.005)
    assert means["china_en", "China/West"] == pytest.approx(0.96, abs=0.005)
    assert means["china_zh", "China/West"] == pytest.approx(0.68, abs=0.005)


def test_reluctance_towards_china_beside_the_usa_and_by_language():
    values = values_of("criticism", "all")
    extra = sides_apart(reluctance(values, "china_en", beside="usa_en"))
    assert extra.mean == pytest.approx(0.25, abs=0.005)
    assert extra.developers == (4, 5)
    language = sides_apart(reluctance(values))
    assert language.developers == (3, 5)
    assert language.low < 0 < language.high


def test_distances_to_people_are_those_of_the_study():
    far = distances(values_of("moral_machine"), people_of("moral_machine")).set_index("model")["value"]
    assert far["GPT-4"] == pytest.approx(0.762262, abs=5e-6)
    with pytest.raises(ValueError, match="one public"):
        distances(values_of("foundations"), people_of("foundations"))


def test_the_lean_of_a_public_and_of_the_middle():
    people = people_of("foundations")
    echo = people[people["place"] == "USA"].assign(model="echo", developer="d", group="West")
    found = leans(echo, people, "foundations").set_index("group")["lean"]
    apart = people.pivot(index="item", columns="place", values="value")
    assert found["West"] == pytest.approx((apart["USA"] - apart["China"]).abs().mean())
    middle = (3 - apart["China"]).abs().mean() - (3 - apart["USA"]).abs().mean()
    assert found["baseline"] == pytest.approx(middle)
    assert leans(values_of("values"), people_of("values"), "values").empty


def test_differences_of_many_values_are_judged_together():
    """Twenty values without any difference: taken one by one some would stand out, taken together hardly ever any."""
    rng, found = np.random.default_rng(0), {"one": 0, "all": 0}
    for _ in range(40):
        rows = [
            (f"{side}{n}", f"{side}{n % 5}", side, f"v{item}", rng.normal())
            for side in ("China", "West")
            for n in range(10)
            for item in range(20)
        ]
        values = pd.DataFrame(rows, columns=["model", "developer", "group", "item", "value"])
        together = items_apart(values)
        alone = {item: sides_apart(part) for item, part in values.groupby("item")}
        for name, contrasts in (("one", alone), ("all", together)):
            found[name] += any(one.low > 0 or one.high < 0 for one in contrasts.values())
    assert found["one"] > 15
    assert found["all"] <= 6


def test_a_side_without_a_model_has_no_difference():
    values = values_of("values")
    west = values[values["group"] == "West"]
    assert np.isnan(sides_apart(west).mean)
    assert len(items_apart(values)) == 10


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_the_chart_draws_origins_and_people_apart(name):
    known = INSTRUMENTS[name]
    values, people = values_of(name, known.languages[0]), people_of(name)
    groups = means_by_pair(values)
    named = [part.assign(label=part["item"]) for part in (groups, people, values)]
    groups, people, values = (
        part.assign(name=part["pair"] if "pair" in part else "people " + part["place"]) for part in named
    )
    chart = instrument_chart(
        groups, people, values, LIGHT, i18n.texts("en"), "x", (known.low, known.high), known.middle
    )
    drawn = json.loads(chart.to_json())
    domain = next(layer["encoding"]["shape"] for layer in drawn["layer"] if "shape" in layer.get("encoding", {}))
    shown = domain["scale"]["domain"]
    assert shown == [pair for pair in ORIGINS if pair in set(groups["pair"])] + [f"people {p}" for p in known.people]
    assert len(domain["scale"]["range"]) == len(set(domain["scale"]["range"]))


def test_makers_that_all_say_the_same_agree_more_with_each_other_than_with_people():
    people = pd.DataFrame({"place": ["China", "USA"] * 2, "item": ["a", "a", "b", "b"], "value": [1.0, 2.0, 1.0, 2.0]})
    rows = [("m", "x", 4.0), ("n", "y", 4.5), ("o", "y", 4.5)]
    values = pd.DataFrame(
        [(model, maker, item, value) for model, maker, value in rows for item in ("a", "b")],
        columns=["model", "developer", "item", "value"],
    )
    found = agreement(values, people)
    assert found.between == pytest.approx(0.5)
    # Two models of one maker are one voice.
    assert found.china == pytest.approx((3.0 + 3.5) / 2)
    assert found.usa == pytest.approx((2.0 + 2.5) / 2)
    assert (found.models, found.developers) == (3, 2)
    assert np.isnan(agreement(values[values["developer"] == "y"], people).between)
