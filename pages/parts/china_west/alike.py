"""Whether the models measured here answer alike, how far they are from people, and what they left unanswered."""

import pandas as pd
import streamlit as st

from core.audits.option_table import answers_of
from core.findings.china_west.alike import EVERY, PUBLICS, alike, lead_of, verdict_of
from core.findings.unanswered import unanswered, unanswered_by_government
from core.findings.wording import decimals, joined, span, why_not
from core.surveys.questions import among_kinds
from core.text import plain
from core.types import DEFAULT_KINDS, Persona
from pages.parts.shared import resources
from pages.parts.shared.chart_block import show_table
from pages.parts.shared.glossary import explain
from pages.parts.shared.kept import kept
from pages.parts.shared.names import country, model_name
from pages.parts.shared.readings import State, readings
from pages.parts.shared.scope import usual_scope
from pages.parts.shared.texts import number, percent, t, term, texts


@st.cache_data(show_spinner=False, max_entries=8)
@kept
def likeness(state: State, language: str) -> pd.DataFrame:
    """Rows of :func:`core.findings.china_west.alike.alike` for the chat models measured here, without a persona."""
    models = resources.models()
    table = readings(state, scope=usual_scope(state), language=language, told=("none",))
    nobody = Persona().key
    ids = [name for name in table["model_id"].unique() if name in models and models[name].chat]
    answers = {name: answers_of(table, name, language) for name in ids}
    bank = resources.questions()
    asked = {name: bank[name] for name in among_kinds(bank, DEFAULT_KINDS)}
    plainly = {
        name: {question: shares for (who, question), shares in mine.items() if who == nobody}
        for name, mine in answers.items()
    }
    return alike(plainly, {name: models[name].developer for name in ids}, resources.survey(), asked)


@st.cache_data(show_spinner=False, max_entries=8)
@kept
def left_unanswered(state: State) -> pd.DataFrame:
    """Rows of :func:`core.findings.unanswered.unanswered` for all audits."""
    return unanswered(resources.store(), resources.questions(), usual_scope(state))


@st.cache_data(show_spinner=False, max_entries=8)
@kept
def left_by_government(state: State) -> pd.DataFrame:
    """Rows of :func:`core.findings.unanswered.unanswered_by_government` for all audits."""
    return unanswered_by_government(resources.store(), resources.questions(), usual_scope(state))


def alike_words(found: pd.DataFrame) -> str:
    """Whether makers are more like each other than like people, as a sentence by rule; empty without a comparison."""
    if found.empty:
        return ""
    row = found[found["topic"] == EVERY].iloc[0]
    leads = {public: lead_of(row, public) for public in PUBLICS}
    shown = {name: number(row[name], 3) for name in ("between", "even", *PUBLICS)}
    spans = {f"{public}_lead": span(figure, decimals(3)) for public, figure in leads.items()}
    counts = {"n": int(row["questions"]), "models": int(row["models"]), "developers": int(row["developers"])}
    reasons = [why_not(texts(), figure, decimals(3)) for figure in leads.values()]
    first = term("alike_verdict", verdict_of(row), **counts, **shown, **spans)
    return joined(first, *dict.fromkeys(reasons))


def show_alike(state: State, language: str) -> None:
    """The sentence, its table by topic, and what was left unanswered."""
    found = likeness(state, language)
    st.header(t("alike.title"), anchor=False, divider="gray", help=explain("jsd"))
    if found.empty:
        st.info(t("alike.nothing"), icon=":material/help_center:")
    else:
        st.markdown(f"**{plain(alike_words(found))}**")
        st.caption(t("alike.help"))
        show_table(lambda: _table(found), "alike", t("alike.table"))
    lost = left_unanswered(state)
    if len(lost):
        first = {t("alike.topic"): [term("topic", topic) for topic in lost["topic"]]}
        show_table(lambda: _lost_table(lost, first), "unanswered", t("alike.unanswered"), t("alike.unanswered_help"))
    governments = left_by_government(state)
    if len(governments):
        title, note = t("alike.government"), government_words(governments)
        show_table(lambda: _government_table(governments), "unanswered_government", title, note)


def _table(found: pd.DataFrame) -> pd.DataFrame:
    columns = {
        t("alike.topic"): [term("topic", topic) for topic in found["topic"]],
        t("chart.questions"): found["questions"],
        t("alike.between"): found["between"].round(3),
        t("alike.even"): found["even"].round(3),
    }
    for public in PUBLICS:
        columns[term("alike_to", public)] = found[public].round(3)
        columns[term("alike_lead", public)] = [span(lead_of(row, public), decimals(3)) for _, row in found.iterrows()]
    return pd.DataFrame(columns)


def _lost_table(lost: pd.DataFrame, first: dict[str, list[str]]) -> pd.DataFrame:
    """Counts and shares, with the columns ``first`` behind the model."""
    return pd.DataFrame(
        {
            t("chart.model"): lost["model_id"].map(model_name),
            **first,
            t("alike.answers"): lost["answers"],
            t("alike.refused"): lost["refused"],
            t("alike.invalid"): lost["invalid"],
            t("alike.beside"): lost["beside"],
            t("alike.share"): [percent(share, 1) for share in lost["share"]],
        }
    )


def _government_table(lost: pd.DataFrame) -> pd.DataFrame:
    first = {
        t("alike.government_of"): [country(name) for name in lost["country"]],
        t("start.prompt_language"): [term("language", name) for name in lost["language"]],
    }
    others = ["–" if pd.isna(share) else percent(share, 1) for share in lost["share_other"]]
    table = _lost_table(lost, first).assign(**{t("alike.share_other"): others})
    table.insert(len(first) + 1, t("chart.questions"), lost["questions"])
    return table


def government_words(lost: pd.DataFrame) -> str:
    """What the rows of :func:`left_by_government` were asked: the fewest and the most different questions of a row."""
    return t("alike.government_help", n=int(lost["questions"].max()), least=int(lost["questions"].min()))
