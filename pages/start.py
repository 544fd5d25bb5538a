"""Start: what this is, and one finding that makes a reader want to go on."""

from functools import partial

import streamlit as st

from core.charts.china_west import PICKED
from core.types import LANGUAGES
from pages.parts.app.frame import inside_app
from pages.parts.shared import links
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.chart_block import card_column, show_chart
from pages.parts.shared.fold import fold
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import t, term, ui_language
from pages.parts.start.brief import start_brief
from pages.parts.start.view import shown

inside_app()

PROBE = "pages/probe.py"
PERSONAS = {"none": None, "CHN": "CHN", "USA": "USA"}

st.title(t("app.tagline"), anchor=False)
st.markdown(t("start.intro"))
with st.container(horizontal=True):
    if st.button(t("start.ask"), type="primary", icon=":material/quiz:", key="go_ask"):
        st.switch_page(PROBE, query_params={"q": "Q164"})
    if st.button(t("start.ask_own"), icon=":material/edit:", key="go_own"):
        st.switch_page(PROBE, query_params={"mode": "own"})
    if st.button(t("start.map"), icon=":material/public:", key="go_map"):
        st.switch_page("pages/world.py")
    if st.button(t("story.take"), icon=":material/slideshow:", key="go_story"):
        st.switch_page("pages/story.py")
    if st.button(t("learn.from_start"), icon=":material/school:", key="go_learn"):
        st.switch_page("pages/learn.py")

links.restore_one("prompt", LANGUAGES, "en")
links.restore_one("as", PERSONAS, "none")
language, persona = st.session_state["prompt"], PERSONAS[st.session_state["as"]]
found = shown(language, persona, ui_language())

st.header(found.sentences[0], anchor=False, divider="gray")
left, right = st.columns(2, gap="large")
with left:
    st.markdown(f"**{t('start.lean_title')}**")
    show_chart(found.leans)
    with st.container(horizontal=True):
        if st.button(t("start.ask_widest", question=found.question), icon=":material/arrow_forward:", key="go_widest"):
            st.switch_page(PROBE, query_params={"q": found.widest})
with right:
    st.markdown(f"**{found.items.title}**")
    event = show_chart(found.items, on_select="rerun")
    picked = event["selection"].get(PICKED) if event else None
    if picked:
        st.switch_page(PROBE, query_params={"q": picked[0]["item_id"]})
    st.caption(f":material/touch_app: {t('start.item_click')}")

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.segmented_control(
        t("start.prompt_language"),
        LANGUAGES,
        format_func=lambda v: term("language", v),
        key="prompt",
        required=True,
        wrap=True,
    )
    st.segmented_control(
        t("start.persona"),
        list(PERSONAS),
        format_func=lambda v: term("persona_country", v),
        key="as",
        required=True,
        wrap=True,
    )
    brief_place = st.container(width="content")
links.save({"prompt": "en", "as": "none"})
with brief_place:
    show_brief("start", partial(start_brief, language, st.session_state["as"], ui_language(), found))

for sentence in found.sentences[1:]:
    st.markdown(sentence)
st.page_link("pages/china_west.py", label=t("china_west.from_start"), icon=":material/compare_arrows:")

st.caption(source_line("justifiable"))
with fold(t("start.table"), "start") as opened:
    if opened:
        models = links.with_cards(found.lean_table, found.models)
        st.dataframe(models, hide_index=True, column_config={t("ranking.card"): card_column()})
        st.dataframe(found.item_table, hide_index=True)
with st.expander(t("start.caveats_title"), icon=":material/report:", expanded=True):
    st.markdown(t("start.caveats"))
