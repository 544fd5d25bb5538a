"""The result of an import: its account, the rest of it on request, and the stored private references."""

import streamlit as st

from core.errors import ParallaxError
from core.runs.jobs import Job
from core.runs.survey_import import Imported, keep_rest, waits
from core.surveys import shipped_survey
from core.surveys.importing.account import Account
from core.surveys.private import account_of, forget_private, private_names, unreadable
from core.text import plain
from pages.parts.shared.fold import fold
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import listed, number, t, ui_language


def show_done(job: Job) -> None:
    """The result of the import: what is stored, or what is refused with a way to store the rest; always the account."""
    found = [one for one in job.results() if isinstance(one, Imported)]
    if not found:
        return
    last = found[-1]
    if last.kept:
        words = t(
            "representation.import_done",
            rows=number(last.shares),
            questions=last.questions,
            countries=last.countries,
            name=last.name,
        )
        st.success(words, icon=":material/check:")
    else:
        st.error(t("representation.import_refused", n=len(last.account.refused)), icon=":material/error:")
    show_account(last.account)
    if not last.kept and waits(job) and last.questions:
        words = t("representation.import_keep_rest", questions=last.questions)
        if st.button(words, key="import_keep_rest", icon=":material/playlist_add_check:"):
            try:
                keep_rest(job)
            except ParallaxError as error:
                st.error(problem_text(error), icon=":material/error:")
            else:
                st.rerun()


def show_account(account: Account) -> None:
    """The account, one line per fact."""
    st.markdown("\n".join(f"- {line.message(ui_language(), plain)}" for line in account.lines()))


def show_names() -> None:
    """The private references in use, those that cannot be read with the reason, and buttons that remove them."""
    names = private_names()
    if not names:
        return
    left_out = {found.name: found.why for found in unreadable(shipped_survey())}
    if used := [name for name in names if name not in left_out]:
        st.caption(t("representation.import_known", names=plain(listed(used))))
    for why in left_out.values():
        st.warning(t("representation.import_left_out", why=problem_text(why)), icon=":material/warning:")
    with st.container(horizontal=True):
        for name in names:
            words = t("representation.import_forget", name=plain(name))
            if st.button(words, key=f"forget_{name}", icon=":material/delete:"):
                _forget(name)
    for name in used:
        if (account := account_of(name)) is not None:
            with fold(t("representation.import_account", name=plain(name)), f"account_{name}") as opened:
                if opened:
                    show_account(account)


def _forget(name: str) -> None:
    try:
        forget_private(name)
    except ParallaxError as error:
        st.error(problem_text(error), icon=":material/error:")
    else:
        st.rerun()
