"""Ask one question: to models, as chosen people, beside what real people answered."""

import streamlit as st

from core.audits.alignment.audit import Spec, cells_for
from core.errors import InputError
from core.types import Cell, Persona, Question, Variant
from pages.parts.app.frame import inside_app
from pages.parts.probe.answers import show_answers
from pages.parts.probe.brief import probe_brief
from pages.parts.probe.free_texts import show_texts
from pages.parts.probe.what_if import WHAT_IF_KEYS, show_what_if
from pages.parts.shared import links, resources
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.fold import show_how
from pages.parts.shared.job_view import current_job, job_is_running, show_job
from pages.parts.shared.model_notes import show_notes
from pages.parts.shared.names import persona_label
from pages.parts.shared.problems import problem_text
from pages.parts.shared.question_picker import OWN, Mode, pick_from_bank, pick_mode, type_prompt, type_question
from pages.parts.shared.texts import listed, t
from pages.parts.shared.who_picker import (
    LINKED,
    MOST_PERSONAS,
    default_model,
    pick_languages,
    pick_models,
    pick_personas,
)

inside_app()

FREE_TOKENS = 160


def free_cells(text: str, models, personas, languages) -> list[Cell]:
    """One text cell per model, language and persona, the no-persona twin first."""
    return [
        Cell(kind="text", model=m, text=text, persona=p, variant=Variant(language=lang), max_tokens=FREE_TOKENS)
        for m in models
        for lang in languages
        for p in (Persona(), *personas)
    ]


def mode_of(asked: Question | None) -> Mode:
    """In which of the three ways ``asked`` was asked: an answer stands under the form that it came from."""
    return "free" if asked is None else "bank" if asked.survey else "own"


st.title(t("probe.title"), anchor=False)
st.markdown(t("probe.intro"))

problem: InputError | None = None
question: Question | None = None
prompt = ""
with st.container(border=True):
    mode = pick_mode()
    try:
        if mode == "bank":
            question = pick_from_bank()
        elif mode == "own":
            question = type_question(share=True)
        else:
            prompt = type_prompt()
    except InputError as error:
        problem = error
    personas = pick_personas()
    left, right = st.columns([3, 1])
    with left:
        models = pick_models()
    with right:
        languages = pick_languages()
    show_notes(models)

    what_if = dict.fromkeys(WHAT_IF_KEYS) if "whatif_asked" in st.session_state else {}
    typed = OWN if mode == "own" and question is not None else {}
    selection = links.save({**LINKED, "m": [default_model()], **what_if, **typed})
    if not models:
        problem = problem or InputError(t("ask.no_model"), t("ask.no_model_hint"))
    if not languages:
        problem = problem or InputError(t("ask.no_language"), t("ask.no_language_hint"))
    if len(personas) > MOST_PERSONAS:
        problem = InputError(t("ask.too_many", n=len(personas), most=MOST_PERSONAS), t("ask.too_many_hint"))

    cells: list[Cell] = []
    if problem is None:
        spec = Spec(models=tuple(m.id for m in models), personas=tuple(personas), languages=languages)
        cells = cells_for(spec, models, [question]) if question else free_cells(prompt, models, personas, languages)

    with st.container(horizontal=True, vertical_alignment="center"):
        running = job_is_running("probe_job")
        asked = st.button(
            t("ask.ask"), type="primary", icon=":material/send:", key="ask", disabled=problem is not None or running
        )
        fresh = st.toggle(t("ask.fresh"), key="fresh", help=t("ask.fresh_help"))
        with st.popover(t("ask.link"), icon=":material/link:"):
            st.markdown(t("ask.link_help_own") if "oq" in selection else t("ask.link_help"))
            st.code(links.address(selection), language=None, wrap_lines=True)
    if problem is None:
        who = listed(persona_label(persona) for persona in (Persona(), *personas))
        st.caption(t("ask.size", prompts=len(cells), who=who))
    else:
        st.info(problem_text(problem), icon=":material/edit:")

if asked:
    job = resources.ask(cells, title=question.id if question else "free", fresh=fresh)
    st.session_state["probe_job"] = job.id
    st.session_state["probe_asked"] = (question, cells)
    st.session_state.pop("whatif_job", None)
    st.rerun()

asked_before = st.session_state.get("probe_asked")
if asked_before is None or mode_of(asked_before[0]) != mode:
    st.info(t("probe.empty"), icon=":material/ads_click:")
else:
    asked_question, asked_cells = asked_before
    if asked_question is None:
        show_job("probe_job", lambda job: show_texts(asked_cells, job), seen_running=running)
    else:
        show_job(
            "probe_job",
            lambda job: show_answers(asked_question, asked_cells, job),
            seen_running=running,
            live=False,
        )
        if not job_is_running("probe_job"):
            brief = probe_brief(asked_question, asked_cells, current_job("probe_job"))
            if brief is not None:
                show_brief("probe", brief)
            show_what_if(asked_question, asked_cells)

show_how("probe", t("probe.how_title"), t("probe.how"))
