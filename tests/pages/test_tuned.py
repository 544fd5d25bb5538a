"""The page on tuned models: what to do without any, and what a card shows before its model was asked."""

from datetime import UTC, datetime

import pytest

from core.catalogue import load_catalogue
from core.providers.local.tuned import read_cards
from core.settings import settings
from core.types import Card, Computation, LocalText, LossPoint
from pages.parts.model.data import card
from pages.parts.shared.readings import store_state
from pages.parts.shared.scope import usual_of
from pages.parts.traces import data as traces
from pages.parts.tuned import data
from tests.pages.test_pages import texts


@pytest.fixture
def cards(tmp_path, monkeypatch):
    """A function that puts a card into the user's folder of tuned models; no shipped ones are seen."""
    monkeypatch.setenv("PARALLAX_ADAPTERS_DIR", str(tmp_path / "adapters"))
    monkeypatch.setattr("core.providers.local.tuned.SHIPPED", "no-adapters")
    settings.cache_clear()

    def put(
        name: str,
        country: str = "CHN",
        seen: tuple[str, ...] = ("Q64", "Q65"),
        apart: tuple[str, ...] = ("Q121",),
        **spec: object,
    ) -> None:
        model = load_catalogue().models["smollm2-135m-instruct"]
        words = LocalText(en=f"Known *{name}*", zh="已知")
        losses = [
            LossPoint(step=step, parts={"seen": 0.5 - step / 100, "questions": 0.4}, valid_mass=0.9) for step in (0, 20)
        ]
        card = Card(
            id=name,
            title=words,
            note=words,
            base=model,
            base_revision="1",
            method="lora",
            spec={"told": "country", **spec},
            data="World Values Survey, wave 7",
            seen={"questions": seen, "countries": (country,)},
            held_out={"test_questions": apart, "test_countries": ("JPN",), "validation_questions": ()},
            losses=tuple(losses),
            even={"seen": 0.47, "questions": 0.44},
            kept=20,
            stopped="early",
            prompts=320,
            seconds=90,
            parameters=1,
            computed=Computation(device="cpu", processor="AMD EPYC"),
            libraries={},
            created=datetime.now(UTC),
            weights_sha256="0" * 64,
            weights_bytes=900_000,
        )
        folder = tmp_path / "adapters" / name
        folder.mkdir(parents=True)
        (folder / "card.json").write_text(card.model_dump_json(), "utf-8")

    return put


def test_without_a_tuned_model_the_page_says_which_command_makes_one(app, cards):
    test = app("tuned")
    assert not test.exception
    assert "No model was tuned yet" in texts(test)
    assert "python -m core tune tune-smollm2-all" in test.code[0].value


def test_a_card_shows_its_training_and_says_that_its_model_was_not_asked_yet(app, cards, tmp_path):
    cards("tuned-known")
    (tmp_path / "adapters" / "tuned-broken").mkdir()
    (tmp_path / "adapters" / "tuned-broken" / "card.json").write_text("{", "utf-8")
    test = app("tuned", tn="tuned-known")
    assert not test.exception
    shown = texts(test)
    assert "were not asked as people of several countries yet" in shown
    assert "320 prompts on 2 questions as people of 1 country" in shown
    assert "1 question of other batteries, kept apart for the test" in shown
    assert "Training ended early" in shown
    rows = next(one.value for one in test.dataframe if "Even guess over the options" in one.value)
    assert list(rows["Even guess over the options"]) == ["0.47", "0.44"]
    assert list(rows["After tuning"]) == ["0.30", "0.40"]
    assert "card of the tuned model “tuned-broken”" in shown.replace("\\", "")
    test = app("tuned", tn="tuned-known", ui="zh")
    assert not test.exception
    assert "训练提前结束" in texts(test)


def test_a_model_without_questions_kept_apart_says_so(app, cards):
    cards("tuned-known", apart=(), told="nobody")
    shown = texts(app("tuned", tn="tuned-known"))
    assert "No question was kept apart for a test" in shown
    assert "0 questions" not in shown


def test_models_are_judged_on_their_own_country_and_questions(app, cards):
    for name, country, group in (("young", "CAN", "18-29"), ("old", "CAN", "50+"), ("japan", "JPN", "18-29")):
        cards(f"tuned-{name}", country, told="nobody", group=group)
    cards("tuned-more", "CAN", ("Q64", "Q65", "Q121"), told="nobody", group="18-29")
    cards("tuned-control", shuffle=True)
    found = data.taught_ages(read_cards().known)
    assert {(one.country, one.models, one.controls) for one in found} == {
        ("CAN", ("tuned-old", "tuned-young"), ("tuned-control",)),
        ("JPN", ("tuned-japan",), ("tuned-control",)),
        ("CAN", ("tuned-more",), ()),
    }
    assert len({one.parts for one in found}) == 2


def test_a_control_was_tuned_just_as_the_model_that_it_stands_beside(app, cards):
    cards("tuned-all", rank=4, shuffle=False)
    cards("tuned-small", rank=2)
    cards("tuned-control", rank=4, shuffle=True)
    known = read_cards().known
    beside = {name: [one.id for one in data.controls(card, known)] for name, card in known.items()}
    assert beside == {"tuned-all": ["tuned-control"], "tuned-small": [], "tuned-control": []}


def test_the_card_of_a_tuned_model_shows_what_it_was_asked(app):
    found = card(store_state(), "tuned-smollm2-china")
    assert list(found.runs["run_id"]) == ["tuned-planted-smollm2-china"]
    assert len(found.parts)
    assert not any(run.startswith("tuned-") for run in card(store_state(), "smollm2-135m-instruct").runs["run_id"])


def test_traces_of_a_tuned_model_do_not_count_unless_chosen(app, monkeypatch):
    known = traces.known_traces()
    assert "tuned" not in traces.trace_extras()
    tuned = known.head(1).assign(model_id="tuned-smollm2-china")
    monkeypatch.setattr(traces, "known_traces", lambda: tuned)
    assert traces.trace_extras() == ["tuned"]
    assert usual_of(["tuned"]) == traces.usual_traces() == "*t"
