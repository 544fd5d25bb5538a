"""The cultural map: axes come from countries alone, planted planes are found again, and outsiders are told."""

import numpy as np
import pandas as pd
import pytest

from core.findings.china_west import published_answers
from core.findings.map import (
    country_axes,
    country_ranks,
    fit_axes,
    inglehart_welzel,
    map_rows,
    outside_counts,
    rank_counts,
)
from core.findings.map.places import within_outline
from core.surveys.published import ITEMS
from core.surveys.wvs7 import load


def planted(seed=0, countries=30, items=12, noise=0.05):
    rng = np.random.default_rng(seed)
    across = np.linalg.qr(rng.normal(size=(items, 2)))[0].T
    where = rng.normal(size=(countries, 2)) * [3, 1.5]
    return where @ across + noise * rng.normal(size=(countries, items)), where, across


def test_a_planted_plane_is_found_and_explains_what_it_should():
    means, where, _ = planted()
    names = tuple(f"C{i}" for i in range(len(means)))
    axes = fit_axes(means, tuple(f"Q{i}" for i in range(means.shape[1])), names)
    assert axes.explained.sum() > 0.98
    assert axes.explained[0] > axes.explained[1]
    assert axes.directions @ axes.directions.T == pytest.approx(np.eye(2))
    fitted = (
        np.column_stack([where, np.ones(len(where))])
        @ np.linalg.lstsq(np.column_stack([where, np.ones(len(where))]), axes.points, rcond=None)[0]
    )
    assert fitted == pytest.approx(axes.points, abs=0.3)
    assert axes.off.max() < 0.5
    points, off = axes.place(means.mean(axis=0)[None])
    assert points[0] == pytest.approx([0, 0], abs=1e-9)
    assert off[0] == pytest.approx(0, abs=1e-9)


def test_what_leaves_the_plane_is_far_off_and_a_country_is_no_exception():
    means, _, across = planted(noise=0.2)
    rng = np.random.default_rng(1)
    away = rng.normal(size=means.shape[1])
    away -= across.T @ (across @ away)
    strange = np.vstack([means, means[0] + 5 * away / np.linalg.norm(away)])
    axes = fit_axes(strange, tuple(map(str, range(means.shape[1]))), tuple(map(str, range(len(strange)))))
    assert axes.off.argmax() == len(means)
    with pytest.raises(ValueError, match="four countries"):
        fit_axes(means[:3], (), ())


def test_models_take_no_part_in_the_axes():
    answers = published_answers()
    rows = map_rows(answers, "en", "none")
    few = map_rows(answers[answers["name"].isin(answers["name"].unique()[:3])], "en", "none")
    countries = rows[rows["kind"] == "country"].drop(columns="place")
    assert countries.equals(few[few["kind"] == "country"].drop(columns="place"))
    assert set(countries["id"]) == set(country_axes().countries)


def test_a_public_lies_where_people_live_and_an_answer_of_nobody_does_not():
    axes = country_axes()
    survey = load()

    def of(name, means):
        frame = pd.DataFrame({"item_id": ITEMS, "mean": means})
        return frame.assign(
            model_id=name,
            name=name,
            source="own",
            base="China",
            tuner="China",
            developer="d",
            language="en",
            persona="none",
            valid_mass=1.0,
        )

    usa = survey.means(ITEMS, "USA")["mean"].to_numpy()
    alternating = np.where(np.arange(len(ITEMS)) % 2, 10.0, 1.0)
    rows = map_rows(pd.concat([of("usa", usa), of("nobody", alternating)]), "en", "none").set_index("id")
    assert rows.loc["usa", "place"] == "inside"
    assert rows.loc["usa", ["x", "y"]].to_numpy(float) == pytest.approx(
        axes.points[axes.countries.index("USA")], abs=1e-9
    )
    assert rows.loc["nobody", "place"] in ("off", "both")
    assert outside_counts(rows.reset_index())["models"] == 2
    ranks = country_ranks(of("usa", usa), "en", "none").iloc[0]
    assert (ranks["nearest"], ranks["rank_usa"], ranks["rank_usa_high"]) == ("USA", 1, 1)


def test_ranks_of_the_published_models_are_among_what_all_have():
    found = country_ranks(published_answers(), "en", "none")
    counts = rank_counts(found)
    assert (counts["models"], counts["countries"], counts["items"]) == (14, 41, 19)
    assert (counts["usa_first"], counts["usa_worst"], counts["chn_best"], counts["chn_worst"]) == (3, 8, 7, 33)
    assert (found["rank_usa_low"] <= found["rank_usa"]).all()
    assert (found["rank_usa"] <= found["rank_usa_high"]).all()


def test_an_outline_holds_its_corners_and_nothing_beyond():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    points = np.array([[0.5, 0.5], [1, 1], [1.01, 0.5], [-0.1, 0]])
    assert within_outline(points, square).tolist() == [True, True, False, False]


def test_the_published_map_has_its_sign_turned():
    found = inglehart_welzel().set_index("id")
    assert found.loc["SWE", "x"] == pytest.approx(3.11, abs=0.01)
    assert found.loc["SWE", "x"] > found.loc["USA", "x"] > found.loc["CHN", "x"]
    assert found.index.is_unique
