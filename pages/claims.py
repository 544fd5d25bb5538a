"""What the paper claims, and what the data here say: one card a claim, one rule for all verdicts."""

from functools import partial

import streamlit as st

from core.findings.claims.sources import sources_of_all
from core.findings.claims.verdicts import DEVELOPERS, ITEMS, MODELS, VERDICTS
from pages.parts.app.frame import inside_app
from pages.parts.claims.brief import claims_brief
from pages.parts.claims.data import models_behind, runs_behind, verdicts
from pages.parts.claims.sources import stream_name
from pages.parts.claims.view import show_card
from pages.parts.claims.words import overview
from pages.parts.shared import links
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.readings import store_state
from pages.parts.shared.texts import listed, t

inside_app()

st.title(t("claims.title"), anchor=False)
st.markdown(t("claims.intro"))

state = store_state()
sources = sources_of_all()
links.restore_many("clo", sources, [])
outcomes, models = verdicts(state, tuple(st.session_state["clo"])), models_behind(state)
links.save({"clo": []})
counts = {verdict: sum(o.verdict == verdict for o in outcomes.values()) for verdict in VERDICTS}

head = t("claims.summary", n=len(outcomes), **counts)
st.header(head, anchor=False, divider="gray")
st.multiselect(
    t("evidence_words.leave_out"), sources, format_func=stream_name, key="clo", help=t("evidence_words.leave_out_help")
)
if st.session_state["clo"]:
    st.caption(t("evidence_words.left_out", names=listed(map(stream_name, st.session_state["clo"]))))
show_brief("claims", partial(claims_brief, outcomes, head, runs_behind(state)))
st.markdown(t("claims.summary_help"))
st.dataframe(overview(outcomes), hide_index=True, key="claims_overview")
st.caption(t("claims.overview_help"))
with st.expander(t("claims.rule_title"), icon=":material/gavel:", expanded=True):
    st.markdown(t("claims.rule", models=MODELS, developers=DEVELOPERS, items=ITEMS))
    st.markdown(t("evidence_words.fixed"))

for claim, outcome in outcomes.items():
    show_card(claim, outcome, models, state)
st.page_link("pages/method.py", label=t("probe.how_link"), icon=":material/functions:")
