"""One rule for colours: a side has one hue in every chart, and its models, and the sides, stay apart for all eyes."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.charts import compare, lesson, options, runs, shares, stability
from core.charts.palette import LIGHT, SHAPES, Palette
from core.charts.series import series_scales
from core.i18n import texts
from core.types import Origin

ROOT = Path(__file__).parents[2]

SIDES = ("China", "West", "mixed", "other")
OF_ONE_SIDE = 3
"""So many models of one side have a shade and a shape of their own, at least where the side has so many shapes."""
EYES = {
    "usual": np.eye(3),
    "no long-wave cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no middle-wave cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "no short-wave cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What is left of a linear RGB colour; Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1."""


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, two: str) -> float:
    """The contrast of WCAG 2."""
    light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, two))
    return (light[1] + 0.05) / (light[0] + 0.05)


def apart(one: str, two: str) -> float:
    """The least distance in CIELAB, over all eyes."""
    return min(float(np.linalg.norm(lab(one, eye) - lab(two, eye))) for eye in EYES.values())


def lab(colour: str, eye: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(eye @ linear(colour), 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def both() -> dict[str, Palette]:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    return {
        mode: Palette(
            human=theme[mode]["chartCategoricalColors"][0],
            series=tuple(theme[mode]["chartCategoricalColors"][1:]),
            text=theme[mode]["textColor"],
            background=theme[mode]["backgroundColor"],
            rule=theme[mode]["borderColor"],
        )
        for mode in ("light", "dark")
    }


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_sides_and_the_models_of_one_side_stay_apart_for_all_eyes(mode: str) -> None:
    palette = both()[mode]
    for one, two in itertools.combinations(SIDES, 2):
        assert apart(palette.hue(one), palette.hue(two)) > 20, (one, two)
    for side in SIDES:
        shades = [look.colour for look in palette.looks([side] * OF_ONE_SIDE)]
        assert all(contrast(shade, palette.background) > 3 for shade in shades), "WCAG 1.4.11"
        assert min(apart(*pair) for pair in itertools.combinations(shades, 2)) > 10, side
        assert min(apart(shade, palette.human) for shade in shades) > 8, side
    east, west = (palette.looks([side] * OF_ONE_SIDE) for side in ("China", "West"))
    assert min(apart(a.colour, b.colour) for a in east for b in west) > 40


def test_no_two_groups_share_colour_and_shape() -> None:
    models = [shape for side in SIDES for shape in SHAPES[side]]
    assert len(models) == len(set(models))
    people = {shape for group in SHAPES if group.startswith("people") for shape in SHAPES[group]}
    assert not people & set(models)
    for side in ("China", "West"):
        looks = LIGHT.looks([side] * OF_ONE_SIDE)
        assert len({look.shape for look in looks}) == len({look.colour for look in looks}) == OF_ONE_SIDE


def test_the_side_of_a_model_follows_base_and_tuning() -> None:
    pairs = {"China/China": "China", "West/West": "West", "West/China": "mixed", "West/here": "other", "x/x": "other"}
    for pair, side in pairs.items():
        base, tuner = pair.split("/")
        assert Origin(base=base, tuner=tuner).side == side


def _models(**columns: object) -> pd.DataFrame:
    """One row for a Western model and one for a Chinese model, the Western one first."""
    return pd.DataFrame([{"series": "A", "look": "West", **columns}, {"series": "B", "look": "China", **columns}])


DRAWN = {
    "flips": lambda t: stability.flip_chart(
        _models(label="Order", flips=0.3, flips_low=0.2, flips_high=0.4, noise=0.1, n=9), LIGHT, t
    ),
    "wins": lambda t: stability.win_chart(_models(value="Care", win=0.5, low=0.4, high=0.6, n=9), LIGHT, t),
    "switches": lambda t: stability.switch_chart(_models(step=0, p_b=0.5, low=0.4, high=0.6, n=9), LIGHT, t),
    "shares": lambda t: shares.share_chart(_models(label="Order", share=0.5, low=0.4, high=0.6), LIGHT, t),
    "sides": lambda t: compare.side_points(
        _models(name="CHN", side_place=0, value=0.1, low=0.0, high=0.2, n=9, even=0.3, others=0.4), LIGHT, t, "x", False
    ),
    "bars": lambda t: options.option_bars(
        _models(option="Yes", place=0, kind="persona", faded=False, share=0.5), LIGHT, t
    ),
    "changes": lambda t: options.difference_bars(_models(option="Yes", place=0, change=0.1), LIGHT, t),
    "runs": lambda t: runs.change_bars(_models(question="Q", total_variation=0.1, noise=0.0, answers=3), LIGHT, t),
    "lesson": lambda t: lesson.interval_dots(
        _models(label="x", value=0.1, low=0.0, high=0.2, n=9), LIGHT, t, "x", False
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_model_has_the_hue_of_its_side_wherever_it_stands(name: str) -> None:
    drawn = DRAWN[name](texts()).to_dict()
    scales = [
        channel["scale"]
        for layer in drawn["layer"]
        for kind, channel in layer.get("encoding", {}).items()
        if kind in ("color", "stroke") and isinstance(channel, dict) and "domain" in (channel.get("scale") or {})
    ]
    assert scales
    for scale in scales:
        assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
            "A": LIGHT.hue("West"),
            "B": LIGHT.hue("China"),
        }


def test_a_model_as_a_person_and_as_nobody_shares_a_look_and_two_models_do_not() -> None:
    rows = [("A as a woman", "A"), ("A", "A"), ("B as a woman", "B"), ("B", "B")]
    frame = pd.DataFrame(rows, columns=["series", "member"]).assign(look="China")
    colours = series_scales(frame, LIGHT).colour.range
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert len(set(series_scales(frame.drop(columns="member"), LIGHT).shape.range)) == OF_ONE_SIDE


def test_no_chart_picks_a_colour_of_a_model_by_itself() -> None:
    found = {
        path.name: re.findall(r"palette\.series|#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))
        for path in (ROOT / "core" / "charts").glob("*.py")
        if path.name != "palette.py"
    }
    assert not {name: hits for name, hits in found.items() if hits}
