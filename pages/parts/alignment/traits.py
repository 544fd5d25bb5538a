"""Skill by size, tuning and family: the number of models and their scores on the same questions."""

from collections.abc import Hashable
from functools import partial

import pandas as pd
import streamlit as st

from core.audits.alignment.traits import TRAITS
from core.audits.option_table import Averaging
from core.charts.alignment import size_scatter
from core.text import plain
from pages.parts.alignment.data import trait_skills
from pages.parts.alignment.view import measured, show_rows
from pages.parts.shared.aside import aside_words
from pages.parts.shared.chart_block import Block, draw_chart, show_table
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.names import model_name, model_side
from pages.parts.shared.texts import listed, span, t, term

FEW = 4
"""Below this many values of a trait the page says that they show no trend."""


def show_traits(
    state: tuple,
    scope: str,
    language: str,
    asked: str,
    topic: str,
    measure: str,
    kinds: Kinds,
    average: Averaging,
) -> None:
    """One tab per trait: sizes as points on their axis, tunings and families as the mean of their models."""
    tabs = st.tabs([term("trait", name) for name in TRAITS], key="trait", on_change="rerun")
    for tab, trait in zip(tabs, TRAITS, strict=True):
        if not tab.open:
            continue
        with tab:
            found = trait_skills(state, scope, language, asked, topic, trait, kinds, average)
            models, values, questions, aside, apart = found
            if not len(models):
                st.info(t("alignment.trait_unknown", trait=term("trait", trait)), icon=":material/help_center:")
                continue
            st.markdown(t("alignment.trait_n", models=len(models), kinds=len(values)))
            for sentence in aside_words(questions, {model_name(name): n for name, n in aside.items()}, ()):
                st.caption(sentence)
            if apart:
                st.caption(t("alignment.trait_apart", names=listed(plain(model_name(name)) for name in apart)))
            if len(values) < 2:
                st.info(t("alignment.trait_one", trait=term("trait", trait)), icon=":material/help_center:")
            elif len(values) < FEW:
                st.info(t("alignment.trait_few"), icon=":material/help_center:")
            if trait == "parameters" and len(values) > 1:
                _show_sizes(models, measure, (state, scope, language, asked, topic, kinds, average))
            else:
                names = [t("alignment.trait_row", value=v, n=n) for v, n in values[["trait", "models"]].to_numpy()]
                show_rows(
                    values,
                    names,
                    measure,
                    term("trait", trait),
                    f"trait_{trait}",
                    (state, scope, language, asked, topic, kinds, average),
                )
            st.caption(t("alignment.trait_help"))
            if len(models) > len(values) or (trait == "parameters" and len(values) > 1):
                table = partial(_table, models, measure, trait)
                show_table(table, f"trait_{trait}", t("alignment.trait_models"))


def _show_sizes(models: pd.DataFrame, measure: str, of: tuple[Hashable, ...]) -> None:
    shown = measured(models, measure).assign(group=[model_side(name) for name in models["model_id"]])
    shown = shown.assign(group_name=[term("cw_group", group) for group in shown["group"]])
    draw_chart(
        Block(
            "sizes",
            term("trait", "parameters"),
            lambda palette, t: size_scatter(shown, palette, t, term("measure", measure)),
            shown,
            t("representation.source"),
            of=(*of, measure),
        )
    )


def _table(models: pd.DataFrame, measure: str, trait: str) -> pd.DataFrame:
    shown = measured(models, measure)
    spans = zip(shown["value"], shown["low"], shown["high"], strict=True)
    return pd.DataFrame(
        {
            t("chart.model"): shown["name"],
            term("trait", trait): shown["trait"],
            term("measure", measure): [span(*ends, digits=2, signed=True) for ends in spans],
            t("chart.questions"): shown["questions"],
        }
    )
