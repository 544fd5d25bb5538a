"""Bars of shares: charts side by side have one axis, and people have intervals."""

import numpy as np
import pandas as pd
import pytest

from core import i18n
from core.audits.alignment.shares import share_frame
from core.charts.options import option_bars, reach_of
from core.charts.palette import LIGHT
from core.surveys import shipped_survey
from core.types import Persona


def frame_of(country):
    survey = shipped_survey()
    question = survey.questions()["Q164"]
    reference = survey.reference("Q164", Persona(country=country))
    return share_frame(question, reference, [], str, str, str, "people", "en"), reference


def test_people_have_the_interval_of_their_effective_number():
    frame, reference = frame_of("CHN")
    assert ((frame["low"] < frame["share"]) & (frame["share"] < frame["high"])).all()
    widest = (frame["high"] - frame["low"]).max()
    assert widest == pytest.approx(2 * 1.96 * np.sqrt(0.25 / reference.n_eff), rel=0.2)


def test_charts_side_by_side_have_one_axis_and_intervals_are_drawn():
    frames = [frame_of(country)[0] for country in ("CHN", "EGY")]
    reach = reach_of(frames)
    assert max(frame["high"].max() for frame in frames) <= reach <= 1
    for frame in frames:
        made = option_bars(frame, LIGHT, i18n.texts(), reach).to_dict()
        assert [layer["encoding"]["x"]["scale"]["domain"] for layer in made["layer"]] == [[0, reach]] * 2


def test_without_anything_known_the_axis_is_whole():
    assert reach_of([]) == 1
    assert reach_of([pd.DataFrame({"share": [float("nan")]})]) == 1
