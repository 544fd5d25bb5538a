"""The stability page: empty, with a run, with two waves, live on a picked and on a typed dilemma."""

import time
from datetime import UTC, datetime
from math import isnan
from types import SimpleNamespace

import pandas as pd
import pytest

from core.audits.stability.audit import Spec
from core.catalogue import load_catalogue
from core.providers.mock import MockProvider
from core.runs import create_run, run_audit
from core.runs.bank import load_bank
from core.settings import settings
from core.store import Store
from core.surveys.dilemmas import load_dilemmas
from pages.parts.stability.values import consequence_lines
from pages.parts.stability.waves import wave_words
from tests.pages.test_pages import texts
from tests.pages.unfold import unfold

SOME = tuple(
    name for name, d in load_dilemmas().items() if d.domain in ("health", "work") and (d.worse or d.escalation)
)[:6]

NAN = float("nan")


def first_place(request):
    return [0.8, 0.1]


def make_run(run_id, options=first_place):
    store = Store(settings().runs_dir)
    bank = load_bank()
    spec = Spec(models=("mock",), dilemmas=SOME)
    create_run(store, "stability", spec, bank, title="Six dilemmas", run_id=run_id)
    run_audit(store, run_id, bank, lambda name: MockProvider(options=options))
    store.close()


def asked(test, seconds=40):
    """Press the button and poll until the job has ended."""
    test.button(key="ask").click().run()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not test.button(key="ask").disabled:
            return test.run()
        time.sleep(0.1)
        test.run()
    pytest.fail("the job did not end")


@pytest.fixture
def no_shipped(monkeypatch, tmp_path):
    """A store without the runs that came with Parallax."""
    monkeypatch.setattr("core.store.DATA", tmp_path)


def test_without_a_run_the_page_says_how_to_make_one(app, no_shipped):
    test = app("stability")
    assert not test.exception
    assert "No stability run is here yet" in texts(test)
    assert "88 dilemmas in 8 domains" in texts(unfold(test))


def test_a_model_that_takes_the_first_place_is_told_so_in_words(app, no_shipped):
    make_run("one")
    test = app("stability", smode="run", also="mock")
    assert not test.exception
    shown = texts(test)
    assert "takes the action that is printed **first** in 89%" in shown
    assert "turns by more than the lot on 1 of 5 ways of asking: Order of the actions" in shown
    assert "does not turn by more than the lot" in shown
    assert "This spec was run once" in shown
    assert "One dilemma, opened" in shown
    assert any("What do you do?" in str(code.value) or "你会怎么做" in str(code.value) for code in test.code)


def test_two_waves_of_the_same_answers_show_no_drift(app, no_shipped):
    make_run("one")
    make_run("two")
    test = app("stability", run="two")
    assert not test.exception
    assert "not one answer changed (p = 1.000)" in texts(test)
    assert test.query_params["run"] == ["two"] or test.query_params["run"] == "two"


def test_a_picked_dilemma_is_asked_in_all_variants(app, no_shipped):
    test = app("stability", smode="live", m="mock", d=SOME[0])
    assert not test.exception
    test = asked(test)
    assert not test.exception
    shown = texts(test)
    assert "variants" in shown
    assert "Over both orders" in shown


def test_a_typed_dilemma_needs_two_actions_and_is_then_asked(app, no_shipped):
    test = app("stability", smode="live", take="own", m="mock")
    assert "needs a situation and two different actions" in texts(test)
    assert test.button(key="ask").disabled
    test.text_area(key="live_situation").set_value("You find a wallet.")
    test.text_input(key="live_a").set_value("Bring it back")
    test.text_input(key="live_b").set_value("Keep it")
    test.text_area(key="live_paraphrases").set_value("A wallet lies before you.").run()
    test = asked(test)
    assert not test.exception
    assert "You find a wallet." in texts(test)
    assert "live_situation" not in test.query_params


def test_a_file_of_ones_own_that_is_damaged_gives_a_sentence_and_the_page_works(app, no_shipped, tmp_path, monkeypatch):
    path = tmp_path / "mine.toml"
    path.write_text("nothing", encoding="utf-8")
    monkeypatch.setenv("PARALLAX_DILEMMAS", str(path))
    settings.cache_clear()
    test = app("stability")
    assert not test.exception
    assert "mine.toml" in texts(test)


def test_two_runs_asked_alike_open_side_by_side_and_each_model_leads_to_its_card(app):
    test = app("stability")
    assert not test.exception
    models = test.multiselect(key="sm").value
    assert sorted(load_catalogue().models[name].origin.base for name in models) == ["China", "West"]
    heads = [text.value for text in test.markdown if text.value.startswith("####")]
    assert all(any(name in head for head in heads) for name in ("Qwen", "SmolLM2"))
    test.session_state["fold_moving_dilemmas"] = True
    table = next(one.value for one in test.run().dataframe if "Card" in one.value)
    assert set(table["Card"]) == {f"./model?mc={name}" for name in models}
    test.multiselect(key="sm").set_value(models[:1]).run()
    assert not test.exception
    assert test.query_params["sm"] in (models[0], [models[0]])


@pytest.mark.parametrize(
    ("sampled", "moved", "p", "adjusted", "says"),
    [
        (True, 0.08, 0.001, 0.004, "moved by"),
        (True, 0.08, 0.02, 0.4, "no move"),
        (True, 0.004, 0.001, 0.004, "no move"),
        (False, 0.08, 0.9, NAN, "moved by 8.0% on average (0.0% to 10.0%); 20.0% of its choices changed. A test of a"),
        (False, 0.004, 0.001, NAN, "less than the 1.0% that matter"),
        (False, NAN, NAN, NAN, "nothing can be compared"),
    ],
)
def test_a_sampled_wave_moves_beyond_chance_and_a_directly_read_one_by_its_size(sampled, moved, p, adjusted, says):
    """A replaced model that moved up in half of the dilemmas and down in the rest was said not to move."""
    figures = {"moved": moved, "low": 0.0, "high": 0.1, "changed": 0.2, "p_value": p, "p_adjusted": adjusted}
    line = SimpleNamespace(model_id="m", before="a", after="b", sampled=sampled, other_way=0, **figures)
    dates = dict.fromkeys(("a", "b"), datetime(2026, 11, 27, tzinfo=UTC))
    assert says in wave_words(line, dates)
    line.other_way = 3
    assert ("answered in writing in the other" in wave_words(line, dates)) == isnan(moved)


def test_a_consequence_that_moves_by_its_interval_alone_is_no_move():
    """Each model and consequence had a sentence of its own without a p, however many were looked at."""
    row = {"shift": 0.1, "low": 0.06, "high": 0.14, "n": 20}
    told = pd.DataFrame(
        [
            {"model_id": "m", "consequence": "good", "p": 0.001, "p_adjusted": 0.002, **row},
            {"model_id": "m", "consequence": "bad", "p": 0.06, "p_adjusted": 0.06, **row},
            {"model_id": "other", "consequence": "bad", "p": 0.001, "p_adjusted": 0.002, **row},
        ]
    )
    good, bad = consequence_lines(told, ["m"])
    assert "moves by" in good
    assert "does not clearly move" in bad
    assert "0.060" in bad
