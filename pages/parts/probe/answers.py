"""The answers to one question: a card per group of people, then how far each answer is from them."""

import pandas as pd
import streamlit as st

from core.audits.alignment.audit import Reading, readings
from core.charts.distance import distance_strip
from core.charts.options import option_bars, reach_of
from core.runs.jobs import Job
from core.runs.runner import Result
from core.surveys.base import NotAsked
from core.text import plain
from core.types import LITTLE_MASS, Cell, Persona, Question, Reference
from pages.parts.probe.details import show_details
from pages.parts.probe.frames import explained, number_row, share_frame, share_table
from pages.parts.probe.words import (
    card_finding,
    compared_with,
    distance_finding,
    file_name,
    groups_of,
    reference_of,
    strip_row,
)
from pages.parts.shared.downloads import show_downloads
from pages.parts.shared.glossary import explain
from pages.parts.shared.names import country, group_label, model_name, persona_label, series_label, survey_name
from pages.parts.shared.palette import current_palette
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import moment, paired, percent, t, term, ui_language


def show_answers(question: Question, cells: list[Cell], job: Job) -> None:
    """Draw everything that is known so far. The page calls it again while the job runs."""
    results = job.results()
    rows = [result.response for result in results]
    found = readings(rows, {question.id: question})
    _show_errors(results)
    if not found:
        if job.finished and job.state != "cancelled" and not any(row.outcome == "error" for row in rows):
            st.info(t("answers.none"))
        return
    _show_provenance(results, job)
    groups = groups_of(question, cells)
    columns = st.columns(min(2, len(groups)))
    asked = {persona: [r for r in found if r.persona == persona or r.persona.is_empty] for persona in groups}
    given = {persona: reference_of(question, persona) for persona in groups}
    frames = {persona: _frame(question, given[persona], asked[persona]) for persona in groups if asked[persona]}
    reach = reach_of(frames.values())
    numbers: list[dict[str, object]] = []
    strips: list[dict[str, object]] = []
    for position, persona in enumerate(groups):
        mine, reference = asked[persona], given[persona]
        with columns[position % len(columns)].container(border=True):
            _card(question, persona, reference, mine, position, frames.get(persona), reach)
        for reading in mine:
            compared = compared_with(question, reference, reading)
            name = series_label(reading, len({r.language for r in found}) > 1)
            who = group_label(reference) if isinstance(reference, Reference) else persona_label(persona)
            numbers.append(number_row(who, name, reading, compared))
            if compared is not None:
                strips.append(strip_row(who, name, reading, compared))
    if strips:
        _show_distances(question, pd.DataFrame(strips), pd.DataFrame(numbers))
    else:
        with st.expander(t("answers.numbers"), icon=":material/table:"):
            st.dataframe(pd.DataFrame(numbers), hide_index=True, key="numbers", column_config=explained())


def _show_errors(results: list[Result]) -> None:
    errors = {problem_text(result.problem): result.response.model_id for result in results if result.problem}
    for text, model_id in errors.items():
        st.error(paired(f"**{plain(model_name(model_id))}**", text), icon=":material/error:")


def _show_provenance(results: list, job: Job) -> None:
    known = [r for r in results if r.cached and r.response.outcome != "error"]
    if not job.finished or not results:
        return
    with st.container(horizontal=True):
        if len(known) == len(results):
            when = moment(max(r.response.created for r in known))
            st.badge(
                t("answers.cached", when=when), icon=":material/history:", color="gray", help=t("answers.cached_help")
            )
        elif known:
            st.badge(
                t("answers.part_cached", n=len(known), total=len(results)), icon=":material/history:", color="gray"
            )
        else:
            st.badge(t("answers.fresh"), icon=":material/bolt:", color="green")


def _frame(question: Question, given: Reference | NotAsked | None, mine: list[Reading]) -> pd.DataFrame:
    return share_frame(question, given if isinstance(given, Reference) else None, mine)


def _card(
    question: Question,
    persona: Persona,
    given: Reference | NotAsked | None,
    mine: list[Reading],
    position: int,
    frame: pd.DataFrame | None,
    reach: float,
) -> None:
    reference = given if isinstance(given, Reference) else None
    st.markdown(f"#### {persona_label(persona)}")
    if frame is None:
        st.caption(t("answers.waiting"))
        return
    finding = card_finding(question, persona, reference, mine)
    st.markdown(f"**{plain(finding)}**")
    _show_reference_notes(given, persona)
    weak = [r for r in mine if r.distribution.valid_mass < LITTLE_MASS]
    if weak:
        st.warning(
            t("answers.weak", share=percent(min(r.distribution.valid_mass for r in weak))), icon=":material/opacity:"
        )
    palette = current_palette()
    st.altair_chart(
        option_bars(frame, palette, t, reach), theme=None, key=f"bars_{position}", alt=t("answers.alt", finding=finding)
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        for method in dict.fromkeys(r.distribution.method for r in mine):
            st.badge(term("method", method), icon=":material/sensors:", color="blue", help=term("method_help", method))
        show_downloads(
            lambda: option_bars(frame, palette, t, reach),
            share_table(frame),
            key=f"card_{position}",
            file=file_name(question, persona),
            title=f"{question.stem.get(ui_language())} — {paired(persona_label(persona), finding)}",
            source=t("answers.source"),
        )
    show_details(question, mine, frame)


def _show_reference_notes(given: Reference | NotAsked | None, persona: Persona) -> None:
    if given is None:
        return
    name = country(persona.country or given.country)
    if isinstance(given, NotAsked):
        st.info(term("not_asked", given.reason, country=name), icon=":material/help_center:")
        return
    asked_by = plain(survey_name(given.survey))
    notes = [t("people.survey", survey=asked_by, year=given.year, n=given.n, n_eff=round(given.n_eff))]
    if given.weight_status == "none":
        notes.append(t("people.unweighted"))
    if given.matched == "country":
        notes.append(t("people.only_country", country=name))
    st.caption(" ".join(notes))


def _show_distances(question: Question, strips: pd.DataFrame, numbers: pd.DataFrame) -> None:
    finding = distance_finding(strips)
    st.subheader(t("distances.title"), anchor=False, help=explain("distance", "baseline", "noise_floor"))
    st.markdown(f"**{plain(finding)}** {t('distances.explain')}")
    palette = current_palette()
    st.altair_chart(distance_strip(strips, palette, t), theme=None, key="distances", alt=finding)
    with st.container(horizontal=True):
        show_downloads(
            lambda: distance_strip(strips, palette, t),
            numbers,
            key="distances",
            file=file_name(question, None),
            title=f"{question.stem.get(ui_language())} — {finding}",
            source=t("answers.source"),
        )
    with st.expander(t("answers.numbers"), icon=":material/table:"):
        st.dataframe(numbers, hide_index=True, key="numbers", column_config=explained())
        st.caption(t("numbers.help"))
