"""Shows which column of a survey file is read as what, and lets the reader confirm or change it before the import."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.errors import ParallaxError
from core.surveys.importing.layout import ROLES, Match, layouts, match
from core.text import plain
from core.types import Question
from pages.parts.shared import resources
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import t, term, ui_language


def confirm_columns(names: Sequence[str], titles: Mapping[str, str]) -> dict[str, str]:
    """The column of each role, and of each question under another name, as the reader confirms them.

    ``names`` are the columns of the file, ``titles`` its own labels of them.
    """
    questions = resources.questions()
    try:
        found = match(names, questions, None, titles)
    except ParallaxError as error:
        st.error(problem_text(error), icon=":material/error:")
        found = Match(layout=next(iter(layouts())), roles={}, items={})
    st.caption(t("representation.import_match", n=len(found.items), title=plain(layouts()[found.layout].title)))
    roles = _roles(names, found)
    items = _questions(names, found, questions)
    chosen = {**found.items, **items}
    if chosen:
        st.dataframe(_table(chosen, titles, questions), hide_index=True, height=200, key="import_mapping")
    return {**roles, **items}


def _roles(names: Sequence[str], found: Match) -> dict[str, str]:
    guessed = {**found.roles, **found.proposed}
    cells = [cell for _ in range(2) for cell in st.columns(3)]
    chosen = {}
    for role, cell in zip(ROLES, cells, strict=True):
        first = guessed.get(role)
        chosen[role] = cell.selectbox(
            term("import_role", role),
            names,
            index=names.index(first) if first in names else None,
            placeholder=t("representation.import_no_column"),
            key=f"import_column_{role}",
        )
    return {role: name or "" for role, name in chosen.items()}


def _questions(names: Sequence[str], found: Match, questions: Mapping[str, Question]) -> dict[str, str]:
    """The columns of questions that stand in the file under another name; those that were guessed come first."""
    renamed = st.multiselect(
        t("representation.import_renamed"),
        list(questions),
        default=list(found.proposed_items),
        format_func=lambda key: f"{key} {questions[key].short.get(ui_language())}",
        help=t("representation.import_renamed_help"),
        key="import_renamed",
    )
    taken = {*found.roles.values(), *(column for key, column in found.items.items() if key not in renamed)}
    free = [name for name in names if name not in taken]
    cells = st.columns(3) if renamed else []
    chosen = {}
    for place, key in enumerate(renamed):
        first = found.proposed_items.get(key)
        chosen[key] = cells[place % 3].selectbox(
            f"{key} {plain(questions[key].short.get(ui_language()))}",
            free,
            index=free.index(first) if first in free else None,
            placeholder=t("representation.import_no_column"),
            key=f"import_question_{key}",
        )
    return {key: name for key, name in chosen.items() if name}


def _table(chosen: Mapping[str, str], titles: Mapping[str, str], questions: Mapping[str, Question]) -> pd.DataFrame:
    language = ui_language()
    rows = [(key, questions[key].short.get(language), name, titles.get(name, "")) for key, name in chosen.items()]
    heads = [
        t("representation.import_head_question"),
        t("representation.import_head_about"),
        t("representation.import_head_column"),
        t("representation.import_head_title"),
    ]
    frame = pd.DataFrame(rows, columns=heads)
    return frame if frame.iloc[:, 3].any() else frame.iloc[:, :3]
