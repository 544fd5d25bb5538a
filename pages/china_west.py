"""China and the West: where models stand between two publics, and what prompt and persona change."""

from functools import partial

import streamlit as st

from core.findings.china_west import MEASURES, PERSONAS
from core.types import LANGUAGES
from pages.parts.app.frame import inside_app
from pages.parts.china_west.alike import show_alike
from pages.parts.china_west.brief import china_west_brief
from pages.parts.china_west.data import base_models, effects, origins, own_runs, places
from pages.parts.china_west.instruments import KEYS, show_instruments
from pages.parts.china_west.map import show_map
from pages.parts.china_west.view import (
    items_models,
    show_disagreement,
    show_effects,
    show_items,
    show_origins,
    show_places,
)
from pages.parts.china_west.words import base_words, carry, headline, origin_counts, own_words, points_words
from pages.parts.shared import links
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.fold import show_how
from pages.parts.shared.glossary import explain
from pages.parts.shared.names import model_name
from pages.parts.shared.readings import mean_answers, store_state
from pages.parts.shared.texts import t, term, ui_language

inside_app()

st.title(t("china_west.title"), anchor=False, help=explain("origin_pair"))
st.markdown(t("china_west.intro"))

state = store_state()
links.restore_one("cwl", LANGUAGES, "en")
links.restore_one("cwp", PERSONAS, "none")
links.restore_one("cwm", MEASURES, MEASURES[0])
language, persona, measure = (st.session_state[key] for key in ("cwl", "cwp", "cwm"))
frame, groups = places(state, language, persona), origins(state, language, persona, measure)
title = headline(frame)

st.header(title, anchor=False, divider="gray")
st.markdown(points_words(frame))
st.markdown(origin_counts(groups))
with st.container(border=True, horizontal=True):
    st.segmented_control(
        t("start.prompt_language"),
        LANGUAGES,
        format_func=lambda v: term("language", v),
        key="cwl",
        required=True,
        wrap=True,
    )
    st.segmented_control(
        t("start.persona"),
        PERSONAS,
        format_func=lambda v: term("persona_country", v),
        key="cwp",
        required=True,
        wrap=True,
    )
    st.segmented_control(
        t("china_west.measure"),
        MEASURES,
        format_func=lambda v: term("cw_measure", v),
        key="cwm",
        required=True,
        wrap=True,
    )
st.info(f"**{t('china_west.carry_title')}**  \n{carry()}", icon=":material/report:")

asked = (state, language, persona, measure)
show_places(frame, measure, title, asked)
st.caption(f"{own_words(frame)} {base_words(map(model_name, base_models(state)))}")
show_origins(groups, frame, measure, asked)
show_disagreement(frame)
changes = effects(state, measure)
show_effects(changes, measure, (state, measure))
show_map(state, language, persona)

st.header(t("china_west.items_title"), anchor=False, divider="gray")
names = items_models(frame)
links.restore_one("cwi", names, next(iter(names)))
if st.session_state["cwi"] not in names:
    st.session_state["cwi"] = next(iter(names))
chosen = st.selectbox(t("china_west.items_model"), list(names), format_func=names.__getitem__, key="cwi")
show_items(mean_answers(state), language, persona, chosen, (state, language, persona, chosen))
show_instruments(ui_language())
show_alike(state, language)
links.save({"cwl": "en", "cwp": "none", "cwm": MEASURES[0], "cwi": None, **KEYS})

with st.container(horizontal=True, vertical_alignment="center"):
    show_brief(
        "china_west", partial(china_west_brief, frame, groups, changes, measure, title, own_runs(state), asked[:3])
    )
    st.page_link("pages/claims.py", label=t("china_west.claims_link"), icon=":material/gavel:")
show_how("china_west", t("china_west.how_title"), t("china_west.how"))
