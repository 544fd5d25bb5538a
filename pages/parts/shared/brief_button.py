"""The button that makes a brief of what is on the page.

    show_brief("alignment", Brief(title=..., first=FirstPage(...), finding=(...), figures=(Figure(...),), ...))

A page calls it after ``links.save``, which knows the whole selection.

The page makes the brief from the words, frames and chart functions that it shows anyway. Charts are drawn and the file
is written only on the click. Where making the brief takes time, the page gives a function instead. It must not read the
session, because on the click there is none; the language and the models added in the session are kept for it.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from core.brief import Brief, file_name, to_html
from pages.parts.shared import links
from pages.parts.shared.names import run_title
from pages.parts.shared.palette import print_palette
from pages.parts.shared.session_models import keeping_models, key_ring
from pages.parts.shared.texts import keeping_language, t, ui_language


def show_brief(key: str, brief: Brief | Callable[[], Brief]) -> None:
    """A button that saves ``brief`` in the reader's language; ``key`` names the widget and the file.

    Where ``brief`` is a function, it is called on the click and must not read the session.
    """
    language, palette, secrets, view = ui_language(), print_palette(), key_ring().values(), view_of(key)

    def write() -> bytes:
        made = brief if isinstance(brief, Brief) else brief()
        runs = tuple(run.model_copy(update={"title": run_title(run.run_id, run.title, run.kind)}) for run in made.runs)
        whole = made.model_copy(update={"runs": runs, "view": made.view or view})
        return to_html(whole, palette, language, secrets=secrets).encode("utf-8")

    st.download_button(
        t("brief.button"),
        keeping_language(keeping_models(write)),
        file_name(key, datetime.now(UTC)),
        "text/html",
        key=f"{key}_brief",
        help=t("brief.button_help"),
        icon=":material/description:",
        on_click="ignore",
    )


def view_of(page: str) -> str:
    """The full address of ``page`` with its whole selection, defaults included; a path where the server is unknown."""
    found = links.address(links.whole())
    return found if "://" in found else f"/{page}{found}"
