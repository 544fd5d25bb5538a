"""A small audit on the mock model, for tests that run it in a process of its own and kill it."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from core.audits.base import Bank
from core.providers.mock import MockProvider
from core.runs import RunProgress, create_run, parse_spec, run_audit
from core.store import Store
from core.types import Capabilities, LocalText, Model, Option, Origin, Question

OPTIONS = ("Yes", "Perhaps", "No")


def mock_model(name: str = "mock", **changes: object) -> Model:
    """A model of the mock provider."""
    values = {
        "id": name,
        "name": name,
        "provider": "mock",
        "remote_id": name,
        "revision": "1",
        "origin": Origin(base="made up", tuner="made up"),
        "developer": "none",
        "family": "none",
        "capabilities": Capabilities(logprobs="full"),
        "link": "",
    }
    return Model.model_validate(values | changes)


def question(number: int) -> Question:
    """A question of three options."""
    return Question(
        id=f"T{number}",
        survey="test",
        topic="test",
        short=LocalText(en=f"Thing {number}", zh=f"事物{number}"),
        stem=LocalText(en=f"Do you like thing {number}?", zh=f"您喜欢事物{number}吗？"),
        options=tuple(Option(code=i, text=LocalText(en=text, zh=text)) for i, text in enumerate(OPTIONS)),
        scale="ordinal",
        polarity=-1,
    )


def bank(questions: int = 3, *models: Model) -> Bank:
    """Made-up questions ``T0`` and so on, and models, ``mock`` unless given."""
    asked = [question(number) for number in range(questions)]
    return Bank(questions={q.key: q for q in asked}, models={m.id: m for m in models or (mock_model(),)})


def spec_of(made: Bank, **changes: object):
    """First-token cells for everything in the bank, for one country and nobody in particular."""
    values = {"models": list(made.models), "questions": list(made.questions), "personas": [{"country": "CHN"}]}
    return parse_spec("alignment", {**values, "text_check": False, **changes})


def new_run(store: Store, made: Bank, run_id: str | None = None, **changes: object) -> str:
    """A planned run over everything in the bank."""
    return create_run(store, "alignment", spec_of(made, **changes), made, "Test", run_id=run_id)


def go_on(root: Path, run_id: str, questions: int, delay_s: float, told: Connection) -> None:
    """Run or resume, and tell after each chunk how many cells are on the disk."""

    def tell(progress: RunProgress) -> None:
        told.send(progress.done)

    provider = MockProvider(delay_s=delay_s)
    run_audit(Store(root), run_id, bank(questions), lambda name: provider, on_progress=tell)
