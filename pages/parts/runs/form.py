"""Starts an audit from a form that is made from its spec; the estimate is shown before the start."""

from typing import Any

import streamlit as st
from pydantic.fields import FieldInfo

from core.audits import AUDITS
from core.audits.base import Spec
from core.errors import InputError, ParallaxError
from core.runs import Estimate, create_run, estimate, parse_spec
from core.store import Cap
from core.surveys.questions import of_kinds
from core.types import DEFAULT_KINDS
from pages.parts.runs.cap import pick_cap
from pages.parts.runs.data import duration, kind_word, say
from pages.parts.runs.persona_list import persona_list
from pages.parts.runs.progress import start
from pages.parts.runs.spec_field import draw_field
from pages.parts.shared import links, resources
from pages.parts.shared.names import word
from pages.parts.shared.problems import problem_text
from pages.parts.shared.question_picker import ANY_TOPIC
from pages.parts.shared.resources import bank
from pages.parts.shared.texts import money, number, t, ui_language
from pages.parts.shared.who_picker import default_model, pick_countries, pick_languages, pick_models, pick_personas

LINKED: dict[str, str | list[str] | None] = {
    "audit": "alignment",
    "about": ANY_TOPIC,
    "ask": [],
    "lang": ["en"],
    "country": ["CHN", "USA"],
    "age": [],
    "sex": [],
    "edu": [],
}


def linked() -> dict[str, str | list[str] | None]:
    """Widgets of the form that are in the URL, with their defaults."""
    return {**LINKED, "m": [default_model()]}


def show_form() -> None:
    """The form, the estimate, and the button that starts."""
    links.restore_one("audit", AUDITS, next(iter(AUDITS)), AUDITS.name_of)
    with st.container(border=True):
        audit = st.selectbox(t("runs.audit"), list(AUDITS), format_func=kind_word, key="audit")
        values = _values(audit)
        title = st.text_input(t("runs.title_column"), max_chars=120, key="new_title", placeholder=kind_word(audit))
        note = st.text_area(t("runs.note"), max_chars=2_000, key="new_note", height=68)
        spec = None if values is None else _spec(audit, values)
        with st.expander(t("run_cap.title"), icon=":material/savings:"):
            cap = pick_cap("new_cap")
        checked = st.button(t("runs.check"), key="run_check", icon=":material/speed:", disabled=spec is None)
    if spec is None:
        return
    if checked:
        _check(audit, spec)
    known: tuple[str, Spec, Estimate] | None = st.session_state.get("run_estimate")
    if known is None or known[:2] != (audit, spec):
        st.info(t("runs.check_first"), icon=":material/speed:")
        return
    _show_estimate(known[2])
    st.button(
        t("runs.start"),
        key="run_start",
        type="primary",
        icon=":material/play_arrow:",
        on_click=_begin,
        args=(audit, spec, title, note, cap),
    )


def _values(audit: str) -> dict[str, Any] | None:
    """The values of the form by field; None where typed text cannot be read."""
    try:
        found = {name: _field(audit, name, info) for name, info in AUDITS[audit]().Spec.model_fields.items()}
    except InputError as error:
        st.error(problem_text(error), icon=":material/edit:")
        return None
    return {name: value for name, value in found.items() if value is not None}


def _field(audit: str, name: str, info: FieldInfo) -> Any:
    """The value of one field of a spec, or None to leave it at its default."""
    if name == "models":
        return [model.id for model in pick_models()]
    if name == "languages":
        return list(pick_languages())
    if name == "personas":
        chosen = pick_personas()
        return [persona.model_dump() for persona in persona_list() or chosen]
    if name == "questions":
        return _questions(audit)
    if name == "countries":
        return pick_countries()
    return draw_field(name, info, f"spec_{audit}_{name}")


def _questions(audit: str) -> list[str]:
    """The chosen questions; where none is chosen, all of the topic and of the chosen kinds."""
    known, language = resources.questions(), ui_language()
    topics = list(dict.fromkeys(question.topic for question in known.values()))
    links.restore_one("about", (ANY_TOPIC, *topics), ANY_TOPIC)
    links.restore_many("ask", known, [])
    left, right = st.columns([1, 3])
    topic = left.selectbox(t("ask.topic"), (ANY_TOPIC, *topics), format_func=lambda v: word("topic", v), key="about")
    kinds = st.session_state.get(f"spec_{audit}_kinds") or DEFAULT_KINDS
    here = [name for name, question in of_kinds(known, kinds).items() if topic in (ANY_TOPIC, question.topic)]
    st.session_state["ask"] = [name for name in st.session_state["ask"] if name in here]
    chosen = right.multiselect(
        t("runs.questions"),
        here,
        format_func=lambda name: f"{name} · {known[name].short.get(language)}",
        key="ask",
        placeholder=t("runs.questions_all", n=len(here)),
        select_all=False,
    )
    return chosen or here


def _spec(audit: str, values: dict[str, Any]) -> Spec | None:
    if not values.get("models"):
        st.info(f"{t('ask.no_model')} {t('ask.no_model_hint')}", icon=":material/edit:")
        return None
    try:
        return parse_spec(audit, values)
    except InputError as error:
        st.info(problem_text(error), icon=":material/edit:")
        return None


def _check(audit: str, spec: Spec) -> None:
    try:
        with st.spinner(t("runs.checking")):
            found = estimate(resources.store(), audit, spec, bank())
        st.session_state["run_estimate"] = (audit, spec, found)
    except ParallaxError as error:
        st.session_state.pop("run_estimate", None)
        st.error(problem_text(error), icon=":material/error:")


def _show_estimate(found: Estimate) -> None:
    one, two, three, four = st.columns([2, 2, 2, 3])
    one.metric(t("runs.cells"), number(found.cells), help=t("runs.cells_help"))
    two.metric(t("runs.prompts_new"), number(found.prompts), help=t("runs.prompts_help", cached=number(found.cached)))
    three.metric(t("runs.time"), duration(found.seconds if found.prompts else 0), help=t("runs.time_help"))
    cost = t("runs.no_cost") if found.cost_usd is None else money(found.cost_usd)
    four.metric(t("runs.cost"), cost, help=t("runs.cost_help"))


def _begin(audit: str, spec: Spec, title: str, note: str, cap: Cap) -> None:
    try:
        run_id = create_run(resources.store(), audit, spec, bank(), title.strip(), note.strip(), cap=cap)
    except ParallaxError as error:
        say(error)
        return
    start(run_id)
    st.session_state["view"], st.session_state["run"] = "list", run_id
