"""Widgets to choose the runs that a page takes readings from.

At first these are all audits, without single asks, without answers of the mock model and without tuned models.
"""

from collections.abc import Sequence
from typing import cast

import pandas as pd
import streamlit as st

from core.settings import settings
from core.store.index.reader import runs_in
from core.store.index.scopes import ALL, OWN, SHIPPED, Runs, is_of_tuned, scope_of
from pages.parts.shared import links, resources
from pages.parts.shared.names import run_title
from pages.parts.shared.readings import State
from pages.parts.shared.texts import listed, t, term

FROM, ALSO = "from", "also"
"""Keys of the widgets, in the session and in the URL."""
_RUNS: dict[str, Runs] = {"all": ALL, "shipped": SHIPPED, "own": OWN}
READ_BY = ("alignment", "representation")
"""Kinds of runs whose answers are readings."""


@st.cache_data(show_spinner=False, max_entries=8)
def _extras(state: State) -> list[str]:
    """Which answers there are beside those of audits: ``single``, ``mock``, ``tuned``."""
    return resources.store().reading_extras()


def usual_scope(state: State, models: Sequence[str] = ()) -> str:
    """Answers of audits by real models, from every run.

    With tuned models among ``models``, of which alone something is to be told, what was asked of these counts too.
    """
    of_tuned = any(map(is_of_tuned, models))
    return usual_of([name for name in _extras(state) if not (of_tuned and name == "tuned")])


def usual_of(extras: list[str]) -> str:
    """Every run, less what there is beside answers of audits by real models: ``single``, ``mock``, ``tuned``."""
    return _scope("all", [], extras)


def _scope(runs: str, also: list[str], extras: list[str]) -> str:
    # Where there is nothing to leave out, the plain scope is used, whose readings are computed already.
    left_out = {name: name in also or name not in extras for name in ("single", "mock", "tuned")}
    return scope_of(_RUNS[runs], **left_out)


def pick_scope(state: State, kinds: Sequence[str] = READ_BY, extras: list[str] | None = None) -> str:
    """The widgets, and the scope that they name; a run of ``kinds`` that is chosen counts whole.

    ``extras`` are what there is beside the answers of audits; without them they are those of readings.
    """
    extras = [] if settings().public else _extras(state) if extras is None else extras
    runs = resources.store().runs()
    if settings().public:
        # A visitor of a public demonstration does not see what others asked.
        runs = runs[runs["shipped"]]
    mine = runs[runs["kind"].isin(kinds) & (runs["rows"] > runs["errors"])]
    titles = {row["run_id"]: run_title(row["run_id"], row["title"], row["kind"]) for _, row in mine.iterrows()}
    chosen, also = _pick(titles, extras, [])
    if chosen in titles:
        return chosen
    scope = _scope(chosen, also, extras)
    return scope_of(cast(Runs, scope[:1]), single=False, mock=False, tuned=False) if settings().public else scope


def pick_runs(runs: pd.DataFrame, key: str) -> pd.DataFrame:
    """Those of ``runs``, of one audit, that the widgets leave to choose from with the widget ``key``.

    Runs of made-up answers alone are left out unless one chooses otherwise, or the link names one of them.
    """
    made_up = _made_up(runs)
    named = st.session_state.get(key) or st.query_params.get(key)
    chosen, also = _pick(
        {}, ["mock"] if made_up and not settings().public else [], ["mock"] if named in made_up else []
    )
    kept = runs if "mock" in also else runs[~runs["run_id"].isin(made_up)]
    if chosen == "all" and not settings().public:
        return kept
    return kept[~kept["shipped"].astype(bool) if chosen == "own" else kept["shipped"].astype(bool)]


def usual_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Those of ``runs`` that count before anything is chosen: none of made-up answers alone."""
    kept = runs[~runs["run_id"].isin(_made_up(runs))]
    return kept[kept["shipped"].astype(bool)] if settings().public else kept


def _made_up(runs: pd.DataFrame) -> set[str]:
    return set(runs["run_id"]) - runs_in(resources.store(), scope_of(ALL, mock=False))


def _pick(titles: dict[str, str], extras: list[str], usual: list[str]) -> tuple[str, list[str]]:
    """The two widgets: a set of runs or one of ``titles``, and which of ``extras`` count, ``usual`` at first."""
    sets = [name for name in _RUNS if not (settings().public and name == "own")]
    links.restore_one(FROM, [*sets, *titles], "all")
    links.restore_many(ALSO, extras, usual)
    if st.session_state[FROM] not in {*sets, *titles}:
        st.session_state[FROM] = "all"
    left, right = st.columns(2)
    chosen = left.selectbox(
        t("scope.runs"),
        [*sets, *titles],
        format_func=lambda name: term("scope_runs", name) if name in sets else titles[name],
        key=FROM,
        help=t("scope.help"),
    )
    also: list[str] = []
    if extras and chosen not in titles:
        also = right.pills(
            t("scope.also"), extras, selection_mode="multi", format_func=lambda v: term("scope_also", v), key=ALSO
        )
        if left_out := [term("scope_also", name) for name in extras if name not in also]:
            st.caption(t("scope.left_out", what=listed(left_out)))
    return chosen, also


DEFAULTS: dict[str, str | list[str] | None] = {FROM: "all", ALSO: []}
"""The defaults of the widgets, for :func:`links.save`."""
