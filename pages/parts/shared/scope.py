"""Widgets to choose the runs that a page takes readings from.

At first these are all audits, without single asks and without answers of the mock model.
"""

from typing import cast

import streamlit as st

from core.settings import settings
from core.store.index.scopes import ALL, OWN, SHIPPED, Runs, scope_of
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
    """Which answers there are beside those of audits: ``single``, ``mock``."""
    return resources.store().reading_extras()


def usual_scope(state: State) -> str:
    """The scope of answers of real models in audits, from every run."""
    return _scope("all", [], _extras(state))


def _scope(runs: str, also: list[str], extras: list[str]) -> str:
    # Where there is nothing to leave out, the plain scope is used, whose readings are computed already.
    left_out = {name: name in also or name not in extras for name in ("single", "mock")}
    return scope_of(_RUNS[runs], **left_out)


def pick_scope(state: State) -> str:
    """Show the widgets and return their scope. A single run that is chosen counts as a whole."""
    extras = [] if settings().public else _extras(state)
    runs = resources.store().runs()
    if settings().public:
        # A visitor of a public demonstration does not see what others asked.
        runs = runs[runs["shipped"]]
    mine = runs[runs["kind"].isin(READ_BY)]
    titles = {row["run_id"]: run_title(row["run_id"], row["title"], row["kind"]) for _, row in mine.iterrows()}
    sets = [name for name in _RUNS if not (settings().public and name == "own")]
    links.restore_one(FROM, [*sets, *titles], "all")
    links.restore_many(ALSO, extras, [])
    left, right = st.columns(2)
    chosen = left.selectbox(
        t("scope.runs"),
        [*sets, *titles],
        format_func=lambda name: term("scope_runs", name) if name in sets else titles[name],
        key=FROM,
        help=t("scope.help"),
    )
    if chosen in titles:
        return chosen
    also: list[str] = []
    if extras:
        also = right.pills(
            t("scope.also"), extras, selection_mode="multi", format_func=lambda v: term("scope_also", v), key=ALSO
        )
        if left_out := [term("scope_also", name) for name in extras if name not in also]:
            st.caption(t("scope.left_out", what=listed(left_out)))
    scope = _scope(chosen, also, extras)
    return scope_of(cast(Runs, scope[:1]), single=False, mock=False) if settings().public else scope


DEFAULTS: dict[str, str | list[str] | None] = {FROM: "all", ALSO: []}
"""The defaults of the widgets, for :func:`links.save`."""
