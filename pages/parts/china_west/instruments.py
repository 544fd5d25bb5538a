"""Other instruments on the China-West page: a finding for each, and the chart of the chosen one."""

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.instruments import instrument_chart
from core.charts.palette import Palette
from core.findings.china_west.instruments import INSTRUMENTS, means_by_pair, people_of, values_of
from core.i18n import Texts
from pages.parts.china_west.instrument_words import agreement_words, finding, pair_counts
from pages.parts.shared import links
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import number, paired, t, term

NAMES = tuple(INSTRUMENTS)
KEYS = {"cwx": NAMES[0], "cwxl": "en", "cwxp": "none"}
"""Widgets of this part with their defaults, for the link."""


@st.cache_data(show_spinner=False, max_entries=16)
def measured(name: str, language: str, persona: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Values of the models, means by builder and tuner, and people."""
    values = values_of(name, language, persona)
    return values, means_by_pair(values), people_of(name)


@st.cache_data(show_spinner=False, max_entries=32)
def finding_of(name: str, language: str, persona: str, ui: str) -> str:
    """The sentence of one instrument in the language ``ui`` of the interface."""
    values, _, people = measured(name, language, persona)
    return finding(name, values, people)


def instrument_block(name: str, language: str, persona: str) -> Block:
    """The chart of one instrument."""
    values, groups, people = measured(name, language, persona)
    known, title = INSTRUMENTS[name], finding(name, values, people)
    words = {item: term("instrument_item", item) for item in values["item"].unique()}
    groups = groups.assign(label=groups["item"].map(words), name=[term("pair", pair) for pair in groups["pair"]])
    people = people.assign(
        label=people["item"].map(words), name=[term("instrument_public", place) for place in people["place"]]
    )
    models = values.assign(label=values["item"].map(words), name=[term("pair", pair) for pair in values["pair"]])
    axis = term("instrument_axis", name)

    def draw(palette: Palette, texts: Texts) -> alt.LayerChart:
        span = known.low, known.high
        return instrument_chart(groups, people, models, palette, texts, axis, span, known.middle)

    return Block(
        f"instrument_{name}",
        title,
        draw,
        values,
        source_line(known.study),
        alt=t("instruments.alt"),
        of=(name, language, persona),
    )


def show_findings(ui: str) -> None:
    """One line per instrument, always visible."""
    lines = [paired(f"**{term('instrument', name)}**", finding_of(name, "en", "none", ui)) for name in NAMES]
    st.markdown("\n".join(f"- {line}" for line in lines))


def show_instruments(ui: str) -> None:
    """Findings of all instruments, then the chosen one: chart, its limits, source, table."""
    st.header(t("instruments.title"), anchor=False, divider="gray")
    st.markdown(t("instruments.intro"))
    show_findings(ui)
    links.restore_one("cwx", NAMES, NAMES[0])
    name = st.segmented_control(
        t("instruments.pick"),
        NAMES,
        format_func=lambda v: term("instrument", v),
        key="cwx",
        required=True,
        wrap=True,
    )
    language, persona = _asked(name)
    block = instrument_block(name, language, persona)
    st.markdown(f"**{block.title}**")
    st.caption(pair_counts(measured(name, language, persona)[1]))
    if words := agreement_words(*measured(name, language, persona)[::2]):
        st.markdown(words)
    show_chart(block)
    st.info(f"**{t('instruments.carry')}**  \n{term('instrument_limits', name)}", icon=":material/report:")
    st.caption(block.source)
    show_table(lambda: groups_table(name, language, persona), block.key, t("instruments.table"))
    every = f"{block.key}_figures"
    show_table(lambda: figures_table(name, language, persona), every, t("instruments.figures"), block.source)


def _asked(name: str) -> tuple[str, str]:
    """Language of the prompt and persona, where the instrument was asked in more than one way."""
    known = INSTRUMENTS[name]
    links.restore_one("cwxl", ("en", "zh"), "en")
    links.restore_one("cwxp", ("none", "CHN", "USA"), "none")
    if len(known.languages) == 1 and len(known.personas) == 1:
        return known.languages[0], known.personas[0]
    with st.container(horizontal=True):
        language = st.segmented_control(
            t("start.prompt_language"),
            known.languages,
            format_func=lambda v: term("language", v),
            key="cwxl",
            required=True,
        )
        persona = st.segmented_control(
            t("start.persona"),
            known.personas,
            format_func=lambda v: term("persona_country", v),
            key="cwxp",
            required=True,
        )
    return language, persona


def groups_table(name: str, language: str, persona: str) -> pd.DataFrame:
    """Means by builder and tuner and the answers of people, in words; the chart as a table."""
    _, groups, people = measured(name, language, persona)
    rows = [
        {
            t("instruments.item"): term("instrument_item", row["item"]),
            t("instruments.who"): term("pair", row["pair"]),
            t("instruments.mean"): number(row["mean"], 2),
            t("instruments.interval"): _span(row["low"], row["high"]),
            t("china_west.models"): int(row["models"]),
            t("china_west.developers"): int(row["developers"]),
        }
        for row in groups.to_dict("records")
    ]
    rows += [
        {
            t("instruments.item"): term("instrument_item", row["item"]),
            t("instruments.who"): term("instrument_public", row["place"]),
            t("instruments.mean"): number(row["value"], 2),
            t("instruments.interval"): "–",
        }
        for row in people.to_dict("records")
    ]
    return pd.DataFrame(rows)


def figures_table(name: str, language: str, persona: str) -> pd.DataFrame:
    """Every figure behind the chart, with its maker, n, prompt language and date as the study gives them."""
    values, _, _ = measured(name, language, persona)
    return pd.DataFrame(
        {
            t("chart.model"): values["model"],
            t("models.developer"): values["developer"],
            t("instruments.who"): [term("pair", pair) for pair in values["pair"]],
            t("instruments.item"): [term("instrument_item", item) for item in values["item"]],
            t("instruments.value"): [number(value, 2) for value in values["value"]],
            "n": ["–" if pd.isna(n) else number(int(n)) for n in values["n"]],
            t("start.prompt_language"): [term("study_language", spoken) for spoken in values["language"]],
            t("instruments.date"): values["date"].replace("", "–"),
        }
    )


def _span(low: float, high: float) -> str:
    return "–" if pd.isna(low) else f"[{number(low, 2)}, {number(high, 2)}]"
