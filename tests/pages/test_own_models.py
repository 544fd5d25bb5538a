"""What is kept for all sessions never shows one session what only another one knows."""

from core.catalogue import Catalogue, load_catalogue
from core.findings.compare import Side
from pages.parts.compare import data as compare_data
from pages.parts.shared import resources
from pages.parts.shared.readings import store_state
from pages.parts.shared.session_models import with_models

MODEL = "smollm2-135m-instruct"


def test_a_session_with_a_model_of_its_own_gets_its_own_figures(app, monkeypatch):
    app("start")
    mine = load_catalogue().models[MODEL]
    monkeypatch.setattr(resources, "catalogue", lambda: Catalogue({}))
    side = Side(model_id=MODEL, run_id=None, language="en").key

    def items():
        return compare_data.items_of(store_state(), "reasoning", (side,))

    assert with_models(items, {})().empty
    assert not with_models(items, {MODEL: mine})().empty
    assert with_models(items, {})().empty


def test_the_state_tells_sessions_apart_by_what_they_say_of_a_model(app):
    app("start")
    mine = load_catalogue().models[MODEL].model_copy(update={"id": "own-1"})
    other = mine.model_copy(update={"developer": "somebody else"})
    states = [with_models(store_state, known)() for known in ({}, {"own-1": mine}, {"own-1": other}, {})]
    assert states[0] == states[3]
    assert len(set(states)) == 3
