"""One model: its capabilities, its key, a test of its connection, its weights."""

import pandas as pd
import streamlit as st

from core.errors import InputError
from core.providers import get_provider
from core.providers.cost import estimate_cost
from core.providers.hosted.capabilities import seen, with_seen
from core.providers.hosted.check import Check, check_connection
from core.providers.hosted.keys import SESSION, using_keys
from core.providers.hosted.measure import measure
from core.providers.hosted.measured import Measured
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.providers.local.gguf import is_gguf
from core.providers.permitted import may_ask
from core.runs.jobs import Job
from core.settings import settings
from core.text import plain
from core.types import Model
from pages.parts.models.table import is_ready
from pages.parts.models.weights import show_weights
from pages.parts.shared import resources
from pages.parts.shared.job_view import job_is_running, show_job
from pages.parts.shared.model_notes import show_missing, show_state
from pages.parts.shared.names import model_name
from pages.parts.shared.problems import problem_text
from pages.parts.shared.session_models import key_ring, remove_endpoint, session_models
from pages.parts.shared.texts import listed, number, paired, t, term, ui_language

JOB = "models_job"
_MILLION = 1_000_000


def show_model(model: Model) -> None:
    """The details of ``model`` and everything that a reader can do with it."""
    st.markdown(term("can_tell", model.capabilities.method))
    found = seen(model)
    if found.logprobs is False:
        st.warning(t("model_details.falls_back"), icon=":material/info:")
    if found.dropped:
        st.info(t("model_details.dropped", names=listed(plain(name) for name in found.dropped)), icon=":material/tune:")
    if model.capabilities.reasoning:
        st.caption(t("model_details.reasoning"))
    show_state(model)
    if model.note:
        st.caption(plain(model.note_in(ui_language())))
    if model.provider == "local" and not model.chat:
        st.caption(t("model_details.plain_template"))
    if model.endpoint:
        st.caption(paired(t("model_details.endpoint"), plain(model.endpoint)))
        _price(model)
    if not may_ask(model):
        st.info(t("public.not_asked", name=plain(model_name(model.id))), icon=":material/public:")
    elif model.endpoint:
        _key(model)
        _connection(model)
    elif show_missing([model]):
        return
    elif is_gguf(model):
        show_weights(model)
    elif model.provider == "local":
        st.caption(t("model_details.hub"))


def _price(model: Model) -> None:
    read, written = estimate_cost(model, _MILLION, 0), estimate_cost(model, 0, _MILLION)
    if read is None or written is None:
        st.caption(t("model_details.no_price"))
    else:
        st.caption(t("model_details.price", read=number(read, 2), written=number(written, 2)))


def _key(model: Model) -> None:
    name = model.key_variable
    if not name or name.startswith(SESSION) or settings().public:
        return
    if is_ready(model):
        st.caption(t("model_details.key_here", variable=name))
    else:
        st.info(t("model_details.no_key", variable=name), icon=":material/key:")
    with st.form("key_form", clear_on_submit=True):
        typed = st.text_input(t("model_details.key"), type="password", key="typed_key", autocomplete="off")
        used = st.form_submit_button(t("model_details.use"), icon=":material/key:")
    if used:
        try:
            key_ring().put(name, typed)
        except InputError as error:
            st.error(problem_text(error), icon=":material/error:")
        else:
            st.rerun()
    if name in key_ring().names() and st.button(t("model_details.forget"), key="forget_key", icon=":material/key_off:"):
        key_ring().forget(name)
        st.rerun()


def _connection(model: Model) -> None:
    testing = job_is_running(JOB)
    with st.container(horizontal=True):
        test = st.button(
            t("model_details.test"),
            key="test_connection",
            icon=":material/network_check:",
            help=t("model_details.test_help"),
            disabled=testing or not is_ready(model),
        )
        if model.id in session_models() and st.button(
            t("model_details.remove"), key="remove_endpoint", icon=":material/delete:"
        ):
            remove_endpoint(model)
            st.rerun()
    if test:
        # As the catalogue describes it, because the test measures again what was measured before.
        asked = {**resources.catalogue().models, **session_models()}[model.id]

        def work(job: Job) -> None:
            job.advance(0, 1, "ask")
            provider = get_provider(asked.provider)
            job.add([check_connection(provider, asked, job)])
            if isinstance(provider, OpenAILikeProvider):
                job.add([measure(provider, asked)])

        with using_keys(key_ring()):
            st.session_state[JOB] = resources.jobs().submit(asked.id, work).id
        st.session_state["models_job_of"] = model.id
        st.rerun()
    if st.session_state.get("models_job_of") == model.id:
        show_job(JOB, lambda job: _checked(job, with_seen(model)), seen_running=testing)


def _measured(found: Measured) -> None:
    """A table of the behaviour of the endpoint and of how Parallax handles it."""
    rows = [(one.message(ui_language(), plain), one.hint(ui_language(), plain)) for one in found.told()]
    st.dataframe(
        pd.DataFrame(rows, columns=[t("model_details.found"), t("model_details.done_about_it")]), hide_index=True
    )


def _checked(job: Job, model: Model) -> None:
    for check in job.results():
        if isinstance(check, Measured):
            _measured(check)
        if isinstance(check, Check):
            words = [
                t(
                    "model_details.answered",
                    name=plain(model_name(model.id)),
                    text=plain(check.text),
                    seconds=number(check.latency_s, 1),
                ),
                t("model_details.logprobs_yes") if check.logprobs_came else t("model_details.logprobs_no"),
            ]
            if check.tokens_in is not None and check.tokens_out is not None:
                words.append(t("model_details.tokens", read=check.tokens_in, written=check.tokens_out))
            st.success(" ".join(words), icon=":material/check_circle:")
            if check.alike:
                st.warning(t("model_details.alike"), icon=":material/content_copy:")
