"""Start: what this is, and one finding that makes a reader want to go on."""

import streamlit as st

from core.charts.publics import item_chart, lean_chart
from core.surveys.published import item_table, lean_counts, positions
from core.types import LANGUAGES
from pages.components import links
from pages.components.downloads import show_downloads
from pages.components.frame import inside_app
from pages.components.palette import current_palette
from pages.components.published_frames import baseline_leans, finding, item_frames, item_words, lean_frame, spread_item
from pages.components.texts import t, term
from pages.components.tour import go_to_stop

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
    if st.button(t("tour.take"), icon=":material/tour:", key="go_tour"):
        go_to_stop("1")
    if st.button(t("learn.from_start"), icon=":material/school:", key="go_learn"):
        st.switch_page("pages/learn.py")

links.restore_one("prompt", LANGUAGES, "en")
links.restore_one("as", PERSONAS, "none")
language, persona = st.session_state["prompt"], PERSONAS[st.session_state["as"]]
frame = positions(language, persona)
counts = lean_counts(frame).set_index("origin")

st.header(finding(counts), anchor=False, divider="gray")
whole = counts.loc["all"]
st.markdown(t("start.finding_text", models=int(whole["models"])))
st.markdown(
    t("start.finding_clear", clear=int(whole["clearly_usa"] + whole["clearly_chn"]), total=int(whole["measured"]))
)
stand = {name: f"{lean:+.2f}" for name, lean in baseline_leans().items()}
st.markdown(t("start.baseline_text", **stand))
st.page_link("pages/china_west.py", label=t("china_west.from_start"), icon=":material/compare_arrows:")
with st.container(horizontal=True):
    st.segmented_control(
        t("start.prompt_language"), LANGUAGES, format_func=lambda v: term("language", v), key="prompt", required=True
    )
    st.segmented_control(
        t("start.persona"), list(PERSONAS), format_func=lambda v: term("persona_country", v), key="as", required=True
    )
links.save({"prompt": "en", "as": "none"})

palette = current_palette()
leans = lean_frame(frame)
origins = [term("origin", "China"), term("origin", "USA"), t("start.baseline")]
left, right = st.columns(2, gap="large")
with left:
    st.markdown(f"**{t('start.lean_title')}**")
    st.altair_chart(
        lean_chart(leans, origins, palette, t), theme=None, key="lean", alt=f"{finding(counts)} {t('start.lean_alt')}"
    )
    table = item_table(language, persona)
    item, question, gap = spread_item(table)
    with st.container(horizontal=True):
        show_downloads(
            lambda: lean_chart(leans, origins, palette, t),
            leans,
            key="published_models",
            title=finding(counts),
            source=t("start.source"),
        )
        if st.button(t("start.ask_widest", question=question), icon=":material/arrow_forward:", key="go_widest"):
            st.switch_page(PROBE, query_params={"q": item})
with right:
    st.markdown(f"**{t('start.item_title', question=question, gap=f'{gap:.1f}')}**")
    publics, answers = item_frames(table)
    event = st.altair_chart(
        item_chart(publics, answers, palette, t), theme=None, key="items", on_select="rerun", alt=t("start.item_alt")
    )
    picked = event["selection"].get("item") if event else None
    if picked:
        st.switch_page(PROBE, query_params={"q": picked[0]["item_id"]})
    with st.container(horizontal=True, vertical_alignment="center"):
        show_downloads(
            lambda: item_chart(publics, answers, palette, t),
            table,
            key="published_items",
            title=t("start.item_title", question=question, gap=f"{gap:.1f}"),
            source=t("start.source"),
        )
        st.caption(f":material/touch_app: {t('start.item_click')}")

with st.expander(t("start.table"), icon=":material/table:"):
    st.dataframe(
        leans.rename(columns={name: term("lean_column", name) for name in leans.columns}).round(2), hide_index=True
    )
    st.dataframe(item_words(table).round(2), hide_index=True)
with st.expander(t("start.caveats_title"), icon=":material/report:", expanded=True):
    st.markdown(t("start.caveats"))
