"""What the paper claims, and what the data here say: one card a claim, one rule for all verdicts."""

from functools import partial

import streamlit as st

from core.findings.claims.verdicts import DEVELOPERS, ITEMS, MODELS, VERDICTS
from pages.parts.app.frame import inside_app
from pages.parts.claims.brief import claims_brief
from pages.parts.claims.data import models_behind, runs_behind, verdicts
from pages.parts.claims.view import show_card
from pages.parts.claims.words import overview
from pages.parts.representation.data import store_state
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.texts import t

inside_app()

st.title(t("claims.title"), anchor=False)
st.markdown(t("claims.intro"))

state = store_state()
outcomes, models = verdicts(state), models_behind(state)
counts = {verdict: sum(o.verdict == verdict for o in outcomes.values()) for verdict in VERDICTS}

head = t("claims.summary", n=len(outcomes), **counts)
st.header(head, anchor=False, divider="gray")
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
