"""What the paper claims, and what the data here say: one card a claim, one rule for all verdicts."""

from functools import partial

import streamlit as st

from core.audits.claims import DEVELOPERS, ITEMS, MODELS, VERDICTS
from pages.components.brief_button import show_brief
from pages.components.claims_brief import claims_brief
from pages.components.claims_data import models_behind, runs_behind, verdicts
from pages.components.claims_view import show_card
from pages.components.claims_words import overview
from pages.components.frame import inside_app
from pages.components.representation_data import store_state
from pages.components.texts import t

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

for claim, outcome in outcomes.items():
    show_card(claim, outcome, models, state)
st.page_link("pages/method.py", label=t("probe.how_link"), icon=":material/functions:")
