"""Asks models one question, without a person and as the people that are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.api.answers import Answers
from core.api.place import day_run
from core.audits.alignment.audit import Spec, cells_for, readings
from core.catalogue import load_catalogue
from core.errors import InputError, said
from core.providers import get_provider
from core.runs.fetch import fetch_now
from core.runs.runner import Runner
from core.surveys import every_survey
from core.surveys.own import own_question
from core.types import Language, Model, Persona, Question

BUILT_IN = "smollm2-135m-instruct"


def ask(
    question: str | Question,
    model: str | Sequence[str] = BUILT_IN,
    personas: Iterable[str | Persona] = (),
    *,
    options: Sequence[str] = (),
    ordered: bool = False,
    languages: Sequence[Language] = ("en",),
    samples: int = 20,
    text: bool = True,
    fresh: bool = False,
) -> Answers:
    """Ask ``model`` the ``question`` with its options in all rotations, and wait for the answers.

    ``question`` is the id of one of :func:`core.questions`, or with ``options`` the words of one of your own, whose
    options stand in the order of a scale where it is ``ordered``. ``model`` is an id, or several, of
    :func:`core.models`; each person is written ``country|age|sex|education`` with trailing parts left out, and the
    model is asked without a person too. ``samples`` is how often a model without log-probabilities is asked in all.
    With ``text`` an answer is also written out and read back. What was asked before comes from the store unless it is
    to be ``fresh``; what is asked now is kept there.

    Raises :class:`InputError` for an unknown name, and the :class:`ProviderError` where nothing at all could be asked.
    A part that failed is in :attr:`Answers.problems`.

    >>> import core as px
    >>> a = px.ask("Q57", model="mock", personas=["CHN", "USA|18-29"])
    >>> a
    Answers to Q57: 3 readings of mock
    >>> a.frame()[["persona", "option", "probability"]].shape
    (6, 3)
    >>> px.ask("Shall we meet?", model="mock", options=["Yes", "No"]).frame()["option"].tolist()
    ['Yes', 'No']
    """
    asked = _question(question, options, ordered)
    models = _models([model] if isinstance(model, str) else model)
    spec = Spec.model_validate(
        {
            "models": [one.id for one in models],
            "personas": list(personas),
            "languages": list(languages),
            "text_check": text,
            "samples": samples,
        }
    )
    cells = cells_for(spec, models, [asked])
    fetch_now(cell.model for cell in cells)
    runner = Runner(day_run(), get_provider)
    results = runner.run(cells, fresh=fresh)
    found = readings([result.response for result in results], {asked.id: asked})
    problems = {result.problem.sentence(): result.problem for result in results if result.problem}
    if not found and problems:
        raise next(iter(problems.values()))
    unkept = (runner.storage_error,) if runner.storage_error is not None else ()
    return Answers(
        question=asked,
        models={one.id: one for one in models},
        readings=tuple(found),
        rows=tuple(result.response for result in results),
        problems=(*problems.values(), *unkept),
    )


def _question(question: str | Question, options: Sequence[str], ordered: bool) -> Question:
    if isinstance(question, Question):
        return question
    return own_question(question, options, ordered) if options else every_survey().find(question)


def _models(names: Sequence[str]) -> list[Model]:
    known = load_catalogue().models
    for name in names:
        if name not in known:
            raise InputError(said("no_model", name=name))
    return [known[name] for name in dict.fromkeys(names)]
