"""One card per claim: its words, its basis, its test, the evidence, and the verdict with its n."""

import pandas as pd
import streamlit as st

from core.findings.claims.sources import STUDIES, rules_of
from core.findings.claims.verdicts import CLAIMS, Outcome
from pages.parts.claims.data import State, asked_again, read_off
from pages.parts.claims.sources import source_words, sources_of_verdict, stream_name
from pages.parts.claims.words import (
    COLOURS,
    ICONS,
    power_words,
    publics_words,
    rule_words,
    stream_words,
    units_table,
    value_words,
    verdict_words,
)
from pages.parts.shared.fold import fold
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import number, paired, t, term

CONTEXT = {"mistral": "def_figures", "scale": "def_figures", "unstable": "justifiable"}
"""The study whose figures stand beside a verdict without deciding it (:func:`context`)."""


def page_name(page: str) -> str:
    """Name of the page with the details, as in the navigation."""
    names = {
        "stability": t("stability.title"),
        "representation": t("representation.title"),
        "alignment": t("alignment.title"),
        "china_west": t("china_west.title"),
    }
    return names[page]


def context(claim: str, models: dict[str, dict[str, pd.DataFrame]], state: State) -> str:
    """Other known facts that do not decide, with their numbers; empty where there are none."""
    if claim == "unstable":
        published = models["multilingual"]["published"]
        published = published[published["source"] == "published"]
        words = {"models": len(published), "points": number(published["value"].mean(), 2)}
        again = asked_again(state)
        if again.empty:
            return t("claims.context_unstable_means", **words)
        moved = value_words("unstable", "runs", again["moved"].mean()).lstrip("+")
        return t("claims.context_unstable", moved=moved, waves=len(again), **words)
    if claim == "us_centric":
        return t("claims.context_us")
    figures = read_off()
    means = figures.groupby(["series", "model"])["value"].mean()
    if claim == "mistral":
        series = {name: means[name] for name in ("mistral", "llama3")}
        shown = {name: number(values.mean(), 2) for name, values in series.items()}
        return t("claims.context_series", **shown, **{f"{name}_n": len(values) for name, values in series.items()})
    if claim == "scale":
        small, large = (means["mistral", name] for name in ("Mistral-7B-Instruct", "Mixtral-8x7B-Instruct"))
        return t("claims.context_scale", small=number(small, 2), large=number(large, 2))
    return ""


def show_card(claim: str, outcome: Outcome, models: dict[str, dict[str, pd.DataFrame]], state: State) -> None:
    """The whole card; ``models`` are those behind every claim."""
    with st.container(border=True, key=f"claim_{claim}"):
        st.subheader(term("claim", claim), anchor=False)
        verdict = term("claim_verdict", outcome.verdict)
        st.badge(verdict, icon=ICONS[outcome.verdict], color=COLOURS[outcome.verdict])
        st.markdown(verdict_words(claim, outcome))
        st.markdown(sources_of_verdict(outcome))
        rules = rules_of(claim)
        for stream in outcome.streams:
            st.caption(rule_words(claim, stream, rules[stream]))
        st.markdown(paired(f"**{t('claims.says')}**", term("claim_says", claim)))
        st.markdown(paired(f"**{t('claims.rests')}**", term("claim_rests", claim)))
        st.markdown(paired(f"**{t('claims.test')}**", term("claim_test", claim)))
        if tests := source_words(outcome.streams):
            st.markdown("\n".join(f"- {line}" for line in tests))
        lines = "\n".join(line if line.startswith("  ") else f"- {line}" for line in stream_words(claim, outcome))
        st.markdown(f"**{t('claims.evidence')}**\n{lines}")
        for stream, judgement in outcome.streams.items():
            notes = (publics_words(claim, stream, judgement), power_words(claim, stream, judgement))
            if words := " ".join(note for note in notes if note):
                st.caption(words)
        studies = dict.fromkeys(STUDIES[name] for name in outcome.streams if name in STUDIES)
        for study in studies:
            st.caption(source_line(study))
        if more := context(claim, models, state):
            st.caption(more)
        if claim in CONTEXT and (beside := CONTEXT[claim]) not in studies:
            st.caption(source_line(beside))
        with fold(t("claims.table"), f"claim_{claim}") as opened:
            if opened:
                _show_models(claim, {name: models[claim][name] for name in outcome.streams})
        page = CLAIMS[claim].page
        st.page_link(f"pages/{page}.py", label=t("claims.look", page=page_name(page)), icon=":material/arrow_forward:")


def _show_models(claim: str, streams: dict[str, pd.DataFrame]) -> None:
    for stream, models in streams.items():
        if len(streams) > 1:
            st.markdown(f"**{stream_name(stream)}**")
        if models.empty:
            st.info(t("claims.table_empty"), icon=":material/inbox:")
        else:
            st.dataframe(units_table(claim, stream, models), hide_index=True, key=f"claim_{claim}_{stream}")
