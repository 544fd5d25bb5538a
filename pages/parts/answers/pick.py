"""The filters of the answers by model, question and outcome, each of which is in the link."""

from collections.abc import Callable, Iterable
from typing import cast, get_args

import pandas as pd
import streamlit as st

from core.store.index.reader import MASSES, AnswerFilter, Mass
from core.types.cells import Outcome
from pages.parts.answers import data
from pages.parts.shared import links, resources
from pages.parts.shared.names import model_name, word
from pages.parts.shared.texts import t, term

RUN, OTHER, CELL, DIFFERS = "run", "with", "cell", "differ"
LISTS = {"of": "model_id", "aq": "question_id", "ap": "persona", "ag": "language", "ao": "outcome"}
"""Widget and name in the link of each filter, and its column."""
EITHER, ONLY = "all", "differ"
LINKED: dict[str, str | list[str] | None] = {
    RUN: None,
    **{key: [] for key in LISTS},
    "mass": None,
    OTHER: None,
    DIFFERS: EITHER,
    CELL: None,
}


def pick_run(runs: pd.DataFrame) -> str:
    """The run to read."""
    links.restore_one(RUN, runs.index, runs.index[0])
    if st.session_state[RUN] not in runs.index:
        st.session_state[RUN] = runs.index[0]
    return st.selectbox(t("reader.run"), list(runs.index), format_func=lambda v: data.run_words(runs, v), key=RUN)


def pick_filter(run: str, known: dict[str, list[str]]) -> AnswerFilter:
    """The filters for the content of the run; ``known`` are its :func:`~.data.choices`."""
    outcomes = [name for name in get_args(Outcome) if name in set(known["outcome"])]
    one, two, three = st.columns(3)
    _many(one, "of", t("runs.model"), known["model_id"], model_name)
    _many(two, "aq", t("chart.question"), known["question_id"], data.question_words)
    _many(three, "ap", t("reader.person"), known["persona"], data.person_words)
    one, two, three = st.columns(3)
    _many(one, "ag", t("ask.languages"), known["language"], lambda v: term("language", v))
    _many(two, "ao", t("reader.outcome"), outcomes, lambda v: word("run_outcome", v))
    links.restore_one("mass", MASSES, None)
    three.selectbox(
        t("reader.mass"),
        list(MASSES),
        format_func=lambda v: term("reader_mass", v),
        key="mass",
        placeholder=t("app.choose"),
        help=t("reader.mass_help"),
    )
    given = {key: tuple(st.session_state[key]) or None for key in LISTS}
    return AnswerFilter(
        run_ids=(run,),
        model_ids=given["of"],
        questions=given["aq"],
        personas=given["ap"],
        languages=given["ag"],
        outcomes=given["ao"],
        mass=cast("Mass | None", st.session_state["mass"]),
    )


def _many(where, key: str, label: str, values: Iterable[str], words: Callable[[str], str]) -> None:
    """A filter over the distinct ``values``; choices from an earlier run that this one does not have are dropped."""
    known = list(dict.fromkeys(values))
    links.restore_many(key, known, [])
    st.session_state[key] = [value for value in st.session_state[key] if value in known]
    where.multiselect(label, known, format_func=words, placeholder=t("app.choose"), select_all=False, key=key)


def pick_other(runs: pd.DataFrame, run: str) -> str | None:
    """Another run of the same audit to compare with, by its answers to the same prompts, if any."""
    kind, large = runs.loc[run, "kind"], resources.store().aggregated()
    others = [name for name in runs.index if name != run and runs.loc[name, "kind"] == kind]
    if set(large) & {run, *others}:
        st.caption(t("reader.other_large"))
        others = [name for name in others if not {run, name} & set(large)]
    links.restore_one(OTHER, others, None)
    links.restore_one(DIFFERS, (EITHER, ONLY), EITHER)
    if st.session_state[OTHER] not in {None, *others}:
        st.session_state[OTHER] = None
    if not others:
        return None
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    other = left.selectbox(
        t("reader.other"),
        others,
        format_func=lambda v: data.run_words(runs, v),
        key=OTHER,
        placeholder=t("reader.other_none"),
        help=t("reader.other_help"),
    )
    if other is not None:
        right.segmented_control(
            t("reader.differ"),
            (EITHER, ONLY),
            format_func=lambda v: term("reader_differ", v),
            key=DIFFERS,
            required=True,
            label_visibility="collapsed",
        )
    return other


def chosen_places(places: list[str], pairs: pd.DataFrame | None) -> tuple[list[str], dict[str, tuple[str, float]]]:
    """The places to read, each with its cell in the other run and how far the answer moved.

    With another run, only answers that both runs have are listed, most moved first.
    """
    if pairs is None:
        return places, {}
    mine = set(places)
    beside: dict[str, tuple[str, float]] = {}
    for before, after, sample, moved, differs in pairs.itertuples(index=False, name=None):
        place = data.place_of(before, int(sample))
        if place in mine and (differs or st.session_state[DIFFERS] != ONLY):
            beside[place] = (after, moved)
    return list(beside), beside
