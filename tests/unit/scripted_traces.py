"""A model whose every decision in a trace is scripted, and what a test needs to make traces of it."""

import re

from core.audits.base import Answers
from core.audits.traces.types import Options, Trace, Unit
from core.audits.traces.walk import trace_stages, walk
from core.prompts.traces import FLAGS, FUNCTIONS, LEVELS, function_text
from core.providers.mock import MockProvider
from core.runs.stages import StageRunner
from core.types import Capabilities, LocalText, Model, Option, Origin, Persona, Question, Response, cell_id

SOMEONE = Persona(country="CHN", age="18-29")
TEA = Question(
    id="own-tea",
    topic="own",
    short=LocalText(en="Tea", zh="茶"),
    stem=LocalText(en="Do you like tea?", zh="您喜欢喝茶吗？"),
    options=tuple(Option(code=c, text=LocalText(en=t, zh=t)) for c, t in ((3, "Yes"), (1, "A little"), (2, "No"))),
    scale="ordinal",
    polarity=-1,
)


def model(method: str = "full", name: str = "scripted") -> Model:
    return Model(
        id=name,
        name=name,
        provider="mock",
        remote_id=name,
        revision="1",
        origin=Origin(base="made up", tuner="made up"),
        developer="none",
        family="none",
        capabilities=Capabilities(logprobs=method),
        link="",
    )


def unit(**changes) -> Unit:
    given = {"model": model(), "persona": SOMEONE, "question": TEA, "language": "en", "options": Options()} | changes
    return Unit(**given)


def kind_of(request) -> str:
    """Which stage a request belongs to, from its prompt alone."""
    text = request.messages[-1].content
    if len(request.labels) == len(FUNCTIONS):
        return "dominant" if "strongest habit of mind, the one you trust" in text else "auxiliary"
    if len(request.labels) == len(LEVELS):
        return "stress"
    if len(request.labels) == len(FLAGS):
        return "situation"
    if "Answer only with this habit" in text:
        return "cognition"
    return "conclusion" if "Your habits of mind lean" in text else "direct"


def function_in(request) -> str:
    text = request.messages[-1].content
    found = re.search(r"(?:mind is this|habit of mind): ([^.]+)\.", text)
    return next(name for name in FUNCTIONS if function_text(name, "en") == found[1])


def one(request, code: int, mass: float = 1.0):
    """All of ``mass`` on one option."""
    return [mass if c == code else 0.0 for c in request.codes]


class Script:
    """Answers by stage; each can be replaced. By default the type is INFJ: Ni, Fe, Ti, Se."""

    def __init__(self, **answers) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.texts: list[str] = []

    def options(self, request):
        kind = kind_of(request)
        self.asked.append(kind)
        if kind in self.answers:
            return self.answers[kind](request)
        if kind in ("dominant", "auxiliary"):
            return one(request, FUNCTIONS.index("Ni" if kind == "dominant" else "Fe") + 1)
        if kind == "stress":
            return one(request, 4)
        if kind == "situation":
            return one(request, 2 if function_in(request) == "Fe" else 1)
        if kind == "cognition":
            return one(request, {"Ni": 3, "Fe": 1, "Ti": 2, "Se": 3}.get(function_in(request), 2))
        return one(request, 3)

    def text(self, request):
        self.texts.append(request.messages[-1].content)
        given = self.answers.get("text", "A life with tea.")
        return given(request) if callable(given) else given

    def provider(self, name: str = "mock") -> MockProvider:
        return MockProvider(options=self.options, text=self.text)


class OneRun:
    """A run of its own over a shelf: it holds nothing yet, and finds what the shelf was given by other runs."""

    def __init__(self, shelf) -> None:
        self._shelf = shelf
        self.made = []

    def lookup(self, keys):
        return self._shelf.lookup(keys)

    def append(self, rows):
        asked = [row for row in rows if isinstance(row, Response) and row.rendered_prompt]
        self.made += [row for row in rows if row not in asked]
        return self._shelf.append(asked)

    def kept(self):
        return set()

    def answers(self, cell_ids):
        return {row.cell_id: row for row in self._shelf.rows if row.cell_id in set(cell_ids)}

    def note(self, computed, seconds=0.0) -> None:
        self.seconds = seconds


def trace(unit: Unit, script: Script, shelf) -> Trace:
    """The trace of ``unit``, asked stage by stage as any run is."""
    answers = Answers()

    def take(results) -> None:
        answers.update({cell_id(result.cell): result.response for result in results})

    StageRunner(OneRun(shelf), script.provider).run(list(trace_stages([unit])), on_results=take)
    found = walk(unit, answers)
    assert found.waiting is None
    return found.trace
