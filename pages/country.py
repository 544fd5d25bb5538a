"""One country: what people there answer differently, where its groups differ, and which models come near."""

import streamlit as st

from core.findings.world import ENDS
from core.text import plain
from core.types import LANGUAGES
from pages.parts.app.frame import inside_app
from pages.parts.country import data
from pages.parts.country.view import show_apart, show_gaps, show_models
from pages.parts.country.words import label
from pages.parts.shared import links, resources
from pages.parts.shared.fold import show_how
from pages.parts.shared.kinds import DEFAULTS as KINDS
from pages.parts.shared.kinds import pick_kinds
from pages.parts.shared.names import country
from pages.parts.shared.readings import languages_of, store_state
from pages.parts.shared.texts import t, term

inside_app()

PROBE, WORLD, GROUPS = "pages/probe.py", "pages/world.py", "pages/representation.py"

st.title(t("country.title"), anchor=False)
st.markdown(t("country.intro"))

places = sorted(resources.survey().countries(), key=country)
state = store_state()
languages = languages_of(state) or [*LANGUAGES]
links.restore_one("c", places, data.FIRST if data.FIRST in places else places[0])
links.restore_one("cd", ENDS, "age")
links.restore_one("cl", languages, languages[0])
with st.container(horizontal=True, vertical_alignment="bottom"):
    place = st.selectbox(t("world.country"), places, format_func=country, key="c", width=320)
    if st.button(t("country.to_map"), icon=":material/public:", key="to_map"):
        st.switch_page(WORLD, query_params={"wc": place})
    link_place = st.container(width="content")
kinds = pick_kinds()

st.header(t("country.apart_title", country=plain(country(place))), anchor=False, divider="gray")
found = data.apart(place, kinds)
show_apart(found, place)

st.header(t("country.groups_title", country=plain(country(place))), anchor=False, divider="gray")
if len(data.gaps(place, "age", kinds)):
    dimension = st.segmented_control(
        t("country.dimension"), list(ENDS), format_func=lambda v: term("dimension", v), key="cd", required=True
    )
    show_gaps(data.gaps(place, dimension, kinds), place, dimension)
    if st.button(t("country.to_groups"), icon=":material/groups:", key="to_groups"):
        st.switch_page(GROUPS, query_params={"rc": place})
else:
    st.info(t("country.no_groups", country=plain(country(place))), icon=":material/help_center:")

st.header(t("country.models_title", country=plain(country(place))), anchor=False, divider="gray")
if len(languages) > 1:
    st.segmented_control(
        t("ask.languages"), languages, format_func=lambda v: term("language", v), key="cl", required=True
    )
table = data.models(state, st.session_state["cl"], place)
if len(table):
    show_models(table, place, (state, st.session_state["cl"], place))
else:
    st.info(t("country.no_models", country=plain(country(place))), icon=":material/help_center:")

st.header(t("country.next_title"), anchor=False, divider="gray")
st.markdown(t("country.next"))
for at, (_, row) in enumerate(found.listed.drop_duplicates("battery").head(data.ASK_NEXT).iterrows()):
    if st.button(plain(label(row)), icon=":material/quiz:", key=f"next_{at}"):
        st.switch_page(PROBE, query_params={"q": row["question_id"], "country": place})

selection = links.save({"c": data.FIRST, "cd": "age", "cl": languages[0], **KINDS})
with link_place, st.popover(t("ask.link"), icon=":material/link:"):
    st.code(links.address(selection), language=None, wrap_lines=True)
show_how("country", t("country.how_title"), t("country.how"))
