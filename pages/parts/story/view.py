"""The five slides. Each has a sentence that can be read from the back of a room, one chart, and its sources."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.charts.china_west import place_chart
from core.charts.country import nearness_chart
from core.charts.story import publics_chart
from core.findings.world.league import LEAST_NET
from core.surveys import SHIPPED
from core.surveys.published import LEAST_LEAN
from core.text import plain
from pages.parts.shared.chart_block import Block, draw_chart
from pages.parts.shared.names import country, ranked_names, survey_name
from pages.parts.shared.readings import store_state
from pages.parts.shared.resources import questions
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import listed, number, percent, t, term, ui_language
from pages.parts.story import data
from pages.parts.story.asking import head, settle, vendor

SLIDES = ("question", "picture", "coin", "settle", "vendor")


def show_slide(name: str) -> None:
    """One of :data:`SLIDES`."""
    _SHOWN[name]()


def _question() -> None:
    found = data.asked()
    bank = questions()[found.question_id]
    words = {"question": plain(bank.stem.get(ui_language())), "short": plain(_short(found.question_id))}
    means = {"china": number(found.china, 1), "usa": number(found.usa, 1)}
    head(t("story.question_title"), t("story.question_text", **words, **means))
    frame = found.people.assign(
        public=[
            t("start.public", country=country(row["country"]), year=int(row["year"]))
            for _, row in found.people.iterrows()
        ]
    )
    block = Block(
        "story_question",
        t("story.question_chart", short=_short(found.question_id)),
        lambda palette, words: publics_chart(frame, palette, words),
        frame,
        survey_name(SHIPPED),
        of=(found.question_id, found.china, found.usa),
    )
    draw_chart(block)
    people = frame.drop_duplicates("public")
    sizes = [t("story.public_of", public=row["public"], n=int(row["n"])) for _, row in people.iterrows()]
    bare = [country(name) for name in people.loc[people["weight_status"] == "none", "country"]]
    st.caption(
        " · ".join([survey_name(SHIPPED), *sizes, *([t("story.unweighted", countries=listed(bare))] if bare else [])])
    )


def _short(name: str) -> str:
    return questions()[name].short.get(ui_language()).removesuffix(t("chart.is_justifiable")).rstrip()


def _picture() -> None:
    found = data.lean()
    head(
        t("story.picture_title", clear=found.clear, total=found.measured),
        t(
            "story.picture_text",
            n=found.to_usa,
            total=found.measured,
            china=found.clear_china,
            least=number(LEAST_LEAN, 2),
        ),
    )
    models = found.places[(found.places["origin"] != "baseline") & found.places["lean"].notna()]
    groups = models["origin"].map({"China": "China", "USA": "West"})
    rows = models.rename(columns={"model": "name", "lean_low": "low", "lean_high": "high"}).assign(
        group=groups,
        group_name=[term("origin", name) for name in models["origin"]],
        faded=False,
        silent=t("chart.not_asked"),
    )
    _draw_places("story_picture", t("story.picture_chart"), rows)


def _draw_places(key: str, title: str, rows: pd.DataFrame) -> None:
    axis = t("chart.lean")
    block = Block(
        key,
        title,
        lambda palette, words: place_chart(rows, palette, words, axis),
        rows,
        t("start.source"),
        of=(key, len(rows), float(rows["lean"].sum())),
    )
    draw_chart(block)
    st.caption(source_line("justifiable"))


def _coin() -> None:
    found, state = data.lean(), store_state()
    near = data.coin(state)
    head(
        t("story.coin_title"),
        t(
            "story.coin_text",
            middle=number(found.middle, 2, signed=True),
            less=found.less,
            total=found.measured,
        ),
        t(
            "story.coin_clear",
            china=near.clear["CHN"],
            usa=near.clear["USA"],
            total=near.models,
            least=percent(LEAST_NET),
        ),
    )
    table = near.tables["CHN"]
    named = ranked_names(table)
    block = Block(
        "story_coin",
        t("story.coin_chart", country=country("CHN")),
        lambda palette, words: nearness_chart(named, palette, words, dense=True),
        named,
        t("world.model_source"),
        of=("story_coin", state),
    )
    st.markdown(f"**{block.title}**")
    draw_chart(block)
    st.caption(t("world.model_source"))
    st.caption(source_line("justifiable"))


_SHOWN: dict[str, Callable[[], None]] = {
    "question": _question,
    "picture": _picture,
    "coin": _coin,
    "settle": settle,
    "vendor": vendor,
}
