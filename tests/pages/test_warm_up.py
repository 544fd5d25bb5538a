"""What the background prepares is just what first visits need; without it they compute it themselves."""

import threading

import pytest
import streamlit as st

from core.kept_frames import KeptFrames
from pages.parts.alignment import data as alignment_data
from pages.parts.app import warm_up as module
from pages.parts.app.warm_up import begin, warm_up
from pages.parts.china_west import data as china_west_data
from pages.parts.citizens import data as citizens_data
from pages.parts.claims import data as claims_data
from pages.parts.compare import data as compare_data
from pages.parts.compare import view as compare_view
from pages.parts.country import data as country_data
from pages.parts.learn import data as learn_data
from pages.parts.ranking import data as ranking_data
from pages.parts.representation import data as representation_data
from pages.parts.shared import chart_block
from pages.parts.shared import moves as shared_moves
from pages.parts.shared.turns import give_way, visiting
from pages.parts.stability import data as stability_data
from pages.parts.stability import moving as stability_moving
from pages.parts.story import data as story_data
from pages.parts.traces import data as trace_data
from pages.parts.tuned import data as tuned_data
from pages.parts.world import data as world_data

COMPUTES = {
    "learn": [(learn_data, "lesson")],
    "china_west": [
        *((china_west_data.china_west, name) for name in ("own_answers", "places", "origins", "effects")),
        (chart_block, "detached"),
    ],
    "world": [(world_data.around, "people"), (chart_block, "detached")],
    "country": [
        *((country_data.around, name) for name in ("world_answers", "standing_apart", "group_gaps", "ranked_models")),
        (chart_block, "detached"),
    ],
    "alignment": [(alignment_data, name) for name in ("question_scores", "skills", "floor_draws", "shared_questions")],
    "representation": [(representation_data, "measure"), (representation_data, "measure_together")],
    "claims": [(claims_data, "outcome_of"), (claims_data, "drift")],
    "stability": [
        *((stability_data, name) for name in ("score", "drift")),
        (shared_moves, "moving"),
        (stability_moving, "moving_dilemmas"),
        (chart_block, "detached"),
    ],
    "compare": [
        (compare_view, "differences"),
        (compare_data, "alignment_items"),
        *((compare_data, name) for name in ("stability_items", "left_aside", "questions_aside")),
        (chart_block, "detached"),
    ],
    "traces": [(trace_data, "load_traces")],
    "model": [(shared_moves, "moving")],
    "ranking": [(ranking_data.around, "ranked_models")],
    "story": [(shared_moves, "moving"), (story_data.around, "mean_fields")],
    "tuned": [
        *((tuned_data, name) for name in ("learned", "planted_ages", "planted_countries")),
        (chart_block, "detached"),
    ],
    "citizens": [(citizens_data, "summary"), (chart_block, "detached")],
}


@pytest.mark.slow
def test_after_the_warm_up_no_first_visit_computes_what_it_shows_and_no_session_was_asked(
    app, caplog, monkeypatch, configure, tmp_path
):
    st.cache_data.clear()
    st.cache_resource.clear()
    configure(keep_frames=True, frames_dir=tmp_path / "frames")
    put, kept = KeptFrames.put, []
    monkeypatch.setattr(KeptFrames, "put", lambda *given: kept.append(put(*given)))
    problems = [None]
    thread = threading.Thread(target=lambda: problems.append(warm_up()))
    thread.start()
    thread.join(400)
    assert problems == [None, []]
    assert kept
    assert all(kept), "frames that are computed and do not come back the same cost each start again"
    # Streamlit warns of each look at a session where there is none, hundreds of times a start.
    assert not [record.getMessage() for record in caplog.records if "ScriptRunContext" in record.getMessage()]

    def computes(*_, **__):
        raise AssertionError("computed at a visit")

    for page, names in COMPUTES.items():
        with monkeypatch.context() as watched:
            for where, name in names:
                watched.setattr(where, name, computes)
            assert not app(page).exception, page


def test_a_page_that_cannot_be_prepared_stops_no_other(app):
    seen = []
    problems = warm_up([lambda: 1 / 0, lambda: seen.append("after")])
    assert [type(problem) for problem in problems] == [ZeroDivisionError]
    assert seen == ["after"]


def test_visitors_go_first(app):
    seen = []
    with visiting():
        thread = threading.Thread(target=warm_up, args=([lambda: seen.append("prepared")],))
        thread.start()
        thread.join(1)
        assert seen == []
    thread.join(10)
    assert seen == ["prepared"]


def test_what_is_prepared_in_several_steps_stops_between_them_for_a_visitor(app):
    first, visited, seen = threading.Event(), threading.Event(), []

    def prepare():
        first.set()
        assert visited.wait(20)
        give_way()
        seen.append("second step")

    thread = threading.Thread(target=warm_up, args=([prepare],))
    thread.start()
    assert first.wait(20)
    with visiting():
        give_way()  # a visitor's own thread waits for nobody
        visited.set()
        thread.join(1)
        assert seen == []
    thread.join(10)
    assert seen == ["second step"]


def test_the_settings_can_say_no(app, configure, monkeypatch):
    seen = []
    monkeypatch.setattr(module, "warm_up", lambda: seen.append("warm"))
    assert begin() is None
    st.cache_resource.clear()
    configure(warm_up=True)
    thread = begin()
    assert thread is not None
    assert begin() is thread
    thread.join(20)
    assert seen == ["warm"]
