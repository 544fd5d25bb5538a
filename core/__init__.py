"""Parallax: whose values does a language model speak for?

What a researcher types:

>>> import core as px
>>> a = px.ask("Q57", model="smollm2-135m-instruct", personas=["CHN", "USA|18-29"], text=False)
>>> a
Answers to Q57: 3 readings of smollm2-135m-instruct
>>> shares, bars = a.frame(), a.plot(px.people("Q57", "CHN"))
>>> a.compare(px.people("Q57", "CHN"))["distance"].between(0, 1).all().item()
True
>>> model, two = "smollm2-135m-instruct", ["Q57", "Q165"]
>>> spec = px.audits.Alignment(models=[model], questions=two, personas=["CHN"], text_check=False)
>>> run = px.run(spec, cap=px.Cap(dollars=2))
>>> run.status, run.estimate().cached == run.estimate().cells
('done', True)
>>> run.scores()["matrix"][["country", "asked"]].values.tolist()
[['CHN', 'country'], ['CHN', 'none']]

Modules are imported when they are first used: ``import core`` alone imports neither torch nor pandas. Only the names
in ``__all__`` are public; everything else in this package may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core import audits
    from core.api.answers import Answers
    from core.api.ask import ask
    from core.api.lists import models, questions
    from core.api.people import People, people
    from core.api.run import Run, known_runs, open_run, run
    from core.api.tune import tune
    from core.errors import ParallaxError
    from core.store.files.run_info import Cap
    from core.tuning.spec import Tuning
    from core.types import Persona, Question

__all__ = [
    "Answers",
    "Cap",
    "ParallaxError",
    "People",
    "Persona",
    "Question",
    "Run",
    "Tuning",
    "ask",
    "audits",
    "known_runs",
    "models",
    "open_run",
    "people",
    "questions",
    "run",
    "tune",
]

_PLACES = {
    "Answers": "core.api.answers",
    "Cap": "core.store.files.run_info",
    "ParallaxError": "core.errors",
    "People": "core.api.people",
    "Persona": "core.types",
    "Question": "core.types",
    "Run": "core.api.run",
    "ask": "core.api.ask",
    "known_runs": "core.api.run",
    "models": "core.api.lists",
    "open_run": "core.api.run",
    "people": "core.api.people",
    "questions": "core.api.lists",
    "run": "core.api.run",
    "Tuning": "core.tuning.spec",
    "tune": "core.api.tune",
}


def __getattr__(name: str) -> Any:
    """A name of :data:`__all__`, imported when it is first used."""
    if name == "audits":
        return import_module("core.audits")
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_PLACES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
