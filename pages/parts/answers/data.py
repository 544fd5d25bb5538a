"""The answers that the page shows, and the words for their questions."""

import json

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from core.findings.compare.cells import CELL_COLUMNS, paired_cells
from core.settings import settings
from core.store.index import reader
from core.store.index.reader import AnswerFilter
from core.store.index.run_order import reading_order
from core.text import visible
from core.types import Persona, Question, Response
from pages.parts.shared import resources
from pages.parts.shared.dilemmas import corpus, title_of
from pages.parts.shared.names import country, persona_label, run_title
from pages.parts.shared.texts import day, t, term, ui_language

SEPARATOR = "."
MOST_LISTED = 100_000
"""Answers of a large run that are listed at once; the list is in memory, and the run is not."""


def readable_runs() -> pd.DataFrame:
    """Runs that have an answer in :func:`reading_order`, by id; in the public profile only the shipped ones."""
    store = resources.store()
    store.refresh()
    runs = reading_order(store.runs(), resources.base_models())
    if settings().public:
        # The questions of visitors are private.
        runs = runs[runs["shipped"]]
    return runs[runs["rows"] > 0].set_index("run_id")


def run_words(runs: pd.DataFrame, run_id: str) -> str:
    """Title, day and id of a run."""
    row = runs.loc[run_id]
    return f"{run_title(run_id, row['title'], row['kind'])} — {day(row['created'])} ({run_id})"


@st.cache_data(show_spinner=False, max_entries=16)
def choices(run_id: str, rows: int) -> dict[str, list[str]]:
    """The filters of a run; ``rows`` is part of the cache key, so that a run that has grown is read again."""
    return reader.choices(resources.store(), run_id)


@st.cache_data(show_spinner=False, max_entries=8)
def _pairs(before: str, rows: int, after: str, rows_after: int) -> pd.DataFrame:
    store = resources.store()
    left, right = (store.responses([run], columns=CELL_COLUMNS) for run in (before, after))
    return paired_cells(left, right)


def pairs(runs: pd.DataFrame, before: str, after: str) -> pd.DataFrame:
    """Answers of two runs to the same prompts, as :func:`core.findings.compare.cells.paired_cells` gives them."""
    return _pairs(before, int(runs.loc[before, "rows"]), after, int(runs.loc[after, "rows"]))


@st.cache_data(show_spinner=False, max_entries=32)
def too_many(run_id: str, rows: int, chosen: AnswerFilter) -> int:
    """The number of chosen answers of a run that is open through its aggregate, where they are too many to be listed;
    0 where they can be.
    """
    if not resources.store().is_aggregated(run_id):
        return 0
    found = reader.how_many(resources.store(), chosen)
    return found if found > MOST_LISTED else 0


@st.cache_data(show_spinner=False, max_entries=32)
def places(run_id: str, rows: int, chosen: AnswerFilter) -> list[str]:
    """The places of all chosen answers in reading order; see :func:`place_of`."""
    found = reader.answer_places(resources.store(), chosen)
    return [place_of(cell, int(sample)) for cell, sample in zip(found["cell_id"], found["sample"], strict=True)]


def place_of(cell_id: str, sample: int) -> str:
    """The name of an answer in a link: its cell, and the sample where it is not the first."""
    return cell_id if sample == 0 else f"{cell_id}{SEPARATOR}{sample}"


def split_place(place: str) -> tuple[str, int]:
    """Cell and sample of :func:`place_of`."""
    cell, _, sample = place.partition(SEPARATOR)
    return cell, int(sample) if sample.isdecimal() else 0


def whole_answers(run_id: str, cells: list[str], sample: int = 0) -> list[Response]:
    """The answers of ``cells`` with prompts and likely words, in the order of ``cells``."""
    found = {row.cell_id: row for row in resources.store().rows(run_id, cells) if row.sample == sample}
    return [found[cell] for cell in cells if cell in found]


_TRACE, _FREE = "mark-", "free"
_STEPS = ("country", "sex", "age", "dominant", "auxiliary")
"""Steps of a trace that have a name of their own; the others are named by their cognitive function."""


def question_words(key: str) -> str:
    """A short name of a question, a dilemma or a step of a trace; the id where it is unknown."""
    bank = resources.questions()
    if key in bank:
        return bank[key].short.get(ui_language())
    if key == _FREE:
        return term("ask_mode", "free")
    if key.startswith(_TRACE) and key.count("-") > 1:
        step, code = key.removeprefix(_TRACE).rsplit("-", 1)
        name = step.rsplit("-", 1)[-1]
        return t("reader.trace_step", step=term("traces_step", name) if name in _STEPS else visible(name), code=code)
    return visible(title_of(key, corpus()[0]))


def option_words(row: Response) -> dict[int, str]:
    """The text of each option of the question that ``row`` answers, in the reader's language; ids are kept by code."""
    language, bank = ui_language(), resources.questions()
    question = bank.get(row.question_key) or _own(row)
    dilemma = corpus()[0].get(row.question_id)
    words: dict[int, str] = {}
    if question is not None:
        words = {option.code: option.text.get(language) for option in question.options}
    elif dilemma is not None:
        words = {1: dilemma.a.get(language), 2: dilemma.b.get(language)}
    return {code: visible(words.get(code, str(code))) for code in row.codes}


def _own(row: Response) -> Question | None:
    """The question stored in the row, where a reader typed it."""
    try:
        found = json.loads(row.question_json or "null")
        return Question.model_validate(found) if isinstance(found, dict) and "options" in found else None
    except (json.JSONDecodeError, ValidationError):
        return None  # runs are mailed; the prompt, which is shown, has the words


def person_words(key: str) -> str:
    """The persona of a key in words; the key itself where it is not valid, as it can be in a mailed run."""
    try:
        return persona_label(Persona.from_key(key))
    except (ValueError, ValidationError):
        first, *rest = key.split("|")
        return visible(" · ".join([country(first), *rest])) if first else t("persona.none")
