"""The weights of a model from a GGUF file: their size, their terms, and buttons to fetch and remove them."""

import streamlit as st

from core.errors import ParallaxError
from core.providers.local.gguf import known_recipe
from core.providers.local.recipe import Recipe
from core.providers.local.remove import bytes_here, remove_weights
from core.providers.local.terms import accept, accepted, read_terms
from core.providers.local.weights import weights_state
from core.runs.fetch import fetch_in
from core.runs.jobs import Job
from core.settings import settings
from core.types import Model, Terms
from pages.parts.shared import resources
from pages.parts.shared.job_view import job_is_running, show_job
from pages.parts.shared.model_notes import fetch_words
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import number, t

JOB = "fetch_job"


def show_weights(model: Model) -> None:
    """The local files of ``model``, or what fetching it needs and a button that does it."""
    freed = st.session_state.pop("freed_bytes", None)
    if freed is not None:
        st.success(t("model_details.removed", size=_megabytes(freed)), icon=":material/delete:")
    recipe = known_recipe(model)
    if recipe is None:  # its size is not known yet
        st.caption(t("model_details.hub"))
        return
    if weights_state(recipe) == "ready":
        _show_ready(model)
        return
    st.markdown(fetch_words(model))
    _show_fetch(model, recipe, recipe.terms is None or _show_terms(recipe.terms))


def _show_ready(model: Model) -> None:
    size = _megabytes(bytes_here(model))
    st.success(t("model_details.ready", size=size), icon=":material/check_circle:")
    if settings().public:
        return
    if st.button(t("model_details.remove_weights"), key="remove_weights", icon=":material/delete:"):
        try:
            st.session_state["freed_bytes"] = remove_weights(model)
        except ParallaxError as error:
            st.error(problem_text(error), icon=":material/error:")
        else:
            st.rerun()


def _show_fetch(model: Model, recipe: Recipe, allowed: bool) -> None:
    fetching = job_is_running(JOB)
    if st.button(
        t("model_details.fetch"),
        key="fetch_weights",
        icon=":material/download:",
        help=t("model_details.fetch_help"),
        disabled=fetching or not allowed,
    ):
        if recipe.terms is not None:
            accept(recipe.terms)

        def work(job: Job) -> None:
            fetch_in(job, [model])

        st.session_state[JOB] = resources.jobs().submit(model.id, work).id
        st.rerun()
    show_job(JOB, lambda job: None, seen_running=fetching)


def _show_terms(terms: Terms) -> bool:
    """Show ``terms`` on request; returns whether they were accepted before, or ticked after they were shown."""
    entry = accepted(terms)
    if entry is not None:
        st.caption(t("model_details.terms_accepted", title=terms.title, date=entry.date[:10]))
        return True
    st.info(t("model_details.terms_first", title=terms.title), icon=":material/gavel:")
    st.link_button(t("model_details.terms_link"), terms.link, icon=":material/open_in_new:")
    if st.button(t("model_details.terms_show"), key="show_terms", icon=":material/article:"):
        st.session_state["terms_shown"] = terms.sha256
    if st.session_state.get("terms_shown") != terms.sha256:
        return False
    try:
        words = read_terms(terms)
    except ParallaxError as error:
        st.error(problem_text(error), icon=":material/error:")
        return False
    with st.container(height=320, border=True):
        st.text(words)
    return st.checkbox(t("model_details.terms_tick", title=terms.title), key=f"accept_{terms.sha256[:12]}")


def _megabytes(size: int) -> str:
    return number(size / 1e6)
