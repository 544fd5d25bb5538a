"""Asks a model one dilemma, picked or typed, in all variants at once."""

import pandas as pd
import streamlit as st

from core.audits.stability.audit import Spec, cells_for
from core.audits.stability.rows import readings
from core.charts.stability import choice_matrix
from core.errors import InputError
from core.runs.jobs import Job
from core.runs.runner import Result, check_prompt_length
from core.settings import settings
from core.surveys.dilemmas import STEPS, VALUES, Dilemma, Step, Wording
from core.text import plain
from core.types import LocalText, digest
from pages.parts.shared import links, resources
from pages.parts.shared.dilemmas import corpus, title_of
from pages.parts.shared.job_view import job_is_running, show_job
from pages.parts.shared.names import model_name
from pages.parts.shared.palette import current_palette
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import percent, t, term, ui_language
from pages.parts.shared.who_picker import pick_languages, pick_models
from pages.parts.stability.data import cells_of, column_name
from pages.parts.stability.matrix import show_variants

TAKES = ("corpus", "own")


def _text(words: str) -> LocalText:
    return LocalText(en=words, zh=words)


def _lines(key: str, label: str, most: int) -> list[str]:
    typed = st.text_area(label, key=key, height=90) or ""
    return [line.strip() for line in typed.splitlines() if line.strip()][:most]


def pick() -> Dilemma:
    """A dilemma of the corpus, or the typed one. Raises :class:`InputError` that says what is missing."""
    links.restore_one("take", TAKES, TAKES[0])
    take = st.segmented_control(
        t("stability.live_pick"),
        TAKES,
        format_func=lambda name: term("stability_take", name),
        key="take",
        required=True,
    )
    if take == "own":
        return _typed()
    known, _ = corpus()
    links.restore_one("d", known, "health-02")
    if st.session_state["d"] not in known:
        st.session_state["d"] = next(iter(known))
    name = st.selectbox(
        t("stability.opened_pick"), list(known), format_func=lambda name: f"{title_of(name, known)} — {name}", key="d"
    )
    dilemma = known[name]
    situation, a, b = (text.get(ui_language()) for text in (dilemma.situation, dilemma.a, dilemma.b))
    st.markdown(f"> {situation}\n>\n> **a** {a}\n>\n> **b** {b}")
    return dilemma


def _typed() -> Dilemma:
    st.caption(t("stability.live_one_language"))
    situation = st.text_area(
        t("stability.live_situation"), key="live_situation", placeholder=t("stability.live_situation_example")
    )
    left, right = st.columns(2)
    a = left.text_input(t("stability.live_a"), key="live_a", placeholder=t("stability.live_a_example"))
    b = right.text_input(t("stability.live_b"), key="live_b", placeholder=t("stability.live_b_example"))
    named = {}
    for place, action, usual in ((left, "a", VALUES[8]), (right, "b", VALUES[3])):
        label = t("stability.live_value", action=action)
        names = list(VALUES)
        named[action] = place.selectbox(
            label, names, index=names.index(usual), format_func=lambda v: term("value", v), key=f"live_value_{action}"
        )
    paraphrases = _lines("live_paraphrases", t("stability.live_paraphrases"), 3)
    good = st.text_input(t("stability.live_good"), key="live_good").strip()
    bad = st.text_input(t("stability.live_bad"), key="live_bad").strip()
    steps = _lines("live_escalation", t("stability.live_escalation"), STEPS)
    limit = settings().max_prompt_chars
    told, a, b = (situation or "").strip(), (a or "").strip(), (b or "").strip()
    if not (told and a and b) or a == b:
        raise InputError(t("stability.live_missing"), t("stability.live_missing_hint"))
    if named["a"] == named["b"]:
        raise InputError(t("stability.live_same_value"), t("stability.live_same_value_hint"))
    check_prompt_length(" ".join([told, a, b, good, bad, *steps, *paraphrases]), limit)
    return Dilemma(
        id=f"own-{digest([told, a, b, paraphrases, good, bad, steps, named], 10)}",
        ambiguity="high",
        title=_text(t("stability.live_own_title")),
        situation=_text(told),
        a=_text(a),
        b=_text(b),
        value_a=named["a"],
        value_b=named["b"],
        good=_text(good) if good else None,
        bad=_text(bad) if bad else None,
        paraphrase=tuple(Wording(situation=_text(p), a=_text(a), b=_text(b)) for p in paraphrases),
        escalation=tuple(Step(text=_text(step)) for step in steps),
    )


def show_live() -> None:
    """The form, the job, and its results so far."""
    st.markdown(t("stability.live_intro"))
    problem, dilemma, cells = None, None, []
    with st.container(border=True):
        try:
            dilemma = pick()
        except InputError as error:
            problem = error
        left, right = st.columns([3, 1])
        with left:
            models = pick_models()
        with right:
            languages = pick_languages()
        if not models:
            problem = problem or InputError(t("ask.no_model"), t("ask.no_model_hint"))
        if not languages:
            problem = problem or InputError(t("ask.no_language"), t("ask.no_language_hint"))
        if problem is None and dilemma is not None:
            spec = Spec(models=tuple(m.id for m in models), languages=languages)
            cells = cells_for(spec, models, [dilemma])
        running = job_is_running("stability_job")
        asked = st.button(
            t("stability.live_ask"), type="primary", icon=":material/send:", key="ask", disabled=not cells or running
        )
        if problem is None:
            st.caption(t("stability.live_size", n=len(cells)))
        else:
            st.info(problem_text(problem), icon=":material/edit:")
    if asked and dilemma is not None:
        job = resources.ask(cells, title=dilemma.id)
        st.session_state["stability_job"] = job.id
        st.session_state["stability_asked"] = dilemma
        st.rerun()
    before = st.session_state.get("stability_asked")
    if before is not None:
        show_job("stability_job", lambda job: _show(before, job), seen_running=running)


def _show(dilemma: Dilemma, job: Job) -> None:
    results: list[Result] = job.results()
    rows = pd.DataFrame([result.response.model_dump() for result in results])
    if rows.empty:
        return
    for words in dict.fromkeys(problem_text(result.problem) for result in results if result.problem):
        st.error(words, icon=":material/error:")
    found = readings(rows, {dilemma.id: dilemma})
    if found.empty:
        return
    cells = cells_of(found)
    for model in dict.fromkeys(found["model_id"]):
        mine = cells[cells["model_id"] == model]
        a, b, n = int((mine["mark"] == "a").sum()), int((mine["mark"] == "b").sum()), len(mine)
        words = {"model": model_name(model), "n": n}
        if a and b:
            finding = t("stability.live_turns", a=a, b=b, **words)
        elif 0 < a + b < n:
            finding = t("stability.live_mostly", action="a" if a else "b", k=a + b, rest=n - a - b, **words)
        elif a or b:
            finding = t("stability.live_steady", action="a" if a else "b", **words)
        else:
            finding = t("stability.live_even", **words)
        first = found[found["model_id"] == model]
        share = first["p"].where(first["first"] == "a", 1 - first["p"]).mean()
        st.markdown(f"**{plain(finding)}**{t('brief.stop')} {t('stability.live_first', share=percent(share))}")
    one = cells["language"].nunique() == 1
    frame = cells.assign(
        row=[
            column_name(a, s, g, 1 if one else 2)
            for a, s, g in zip(cells["axis"], cells["step"], cells["language"], strict=True)
        ],
        column=cells["model_id"].map(model_name),
    )
    st.altair_chart(choice_matrix(frame, current_palette(), t), theme=None, key="live_matrix", alt=finding)
    st.caption(t("stability.matrix_help"))
    if job.finished:
        show_variants(found, key="live")
