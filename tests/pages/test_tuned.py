"""The page on tuned models: what to do without any, and what a card shows before its model was asked."""

from datetime import UTC, datetime

import pytest

from core.catalogue import load_catalogue
from core.settings import settings
from core.types import Card, Computation, LocalText, LossPoint
from tests.pages.test_pages import texts


@pytest.fixture
def cards(tmp_path, monkeypatch):
    """A function that puts a card into the user's folder of tuned models; no shipped ones are seen."""
    monkeypatch.setenv("PARALLAX_ADAPTERS_DIR", str(tmp_path / "adapters"))
    monkeypatch.setattr("core.providers.local.tuned.SHIPPED", "no-adapters")
    settings.cache_clear()

    def put(name: str, **spec: object) -> None:
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
            seen={"questions": ("Q64", "Q65"), "countries": ("CHN",)},
            held_out={"test_questions": ("Q121",), "test_countries": ("JPN",), "validation_questions": ()},
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
    assert "Training ended early" in shown
    rows = next(one.value for one in test.dataframe if "Even guess over the options" in one.value)
    assert list(rows["Even guess over the options"]) == ["0.47", "0.44"]
    assert list(rows["After tuning"]) == ["0.30", "0.40"]
    assert "card of the tuned model “tuned-broken”" in shown.replace("\\", "")
    test = app("tuned", tn="tuned-known", ui="zh")
    assert not test.exception
    assert "训练提前结束" in texts(test)
