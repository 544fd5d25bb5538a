"""World map: what people of 65 places answered, coloured at once, and where a model stands among them."""

import streamlit as st

from core.findings.world import GROUPS, INDICES
from core.surveys.questions import topics
from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.shared import links, resources
from pages.parts.shared.fold import show_how
from pages.parts.shared.glossary import explain
from pages.parts.shared.kinds import DEFAULTS as KINDS
from pages.parts.shared.names import country, word
from pages.parts.shared.question_notes import show_notes
from pages.parts.shared.readings import languages_of, store_state
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import paired, t, term, ui_language
from pages.parts.world import data
from pages.parts.world.layers import index_layer, model_layer, people_layer
from pages.parts.world.view import PLACE, show_map, show_places, take_up_pick
from pages.parts.world.words import facts, group_name, value_words

inside_app()

SHOWN = ("people", "index", "model")
TERMS = {"people": ("place_on_scale",), "index": ("interval",), "model": ("distance", "even_guess", "rank_interval")}
COUNTRY, PROBE = "pages/country.py", "pages/probe.py"
DEFAULTS = {"wv": "people", "wt": "any", "wq": data.FIRST_QUESTION, "wg": "all", "wi": INDICES[0], "wd": "distance"}

st.title(t("world.title"), anchor=False)
st.markdown(t("world.intro"))

bank, interface = resources.questions(), ui_language()
links.restore_one("wv", SHOWN, "people")
with st.container(border=True):
    first, left, right = st.columns([4, 2, 4])
    shown = first.segmented_control(
        t("world.colours"), SHOWN, format_func=lambda v: term("world_shows", v), key="wv", required=True, wrap=True
    )
    if shown == "people":
        every_topic = ("any", *topics(bank))
        links.restore_one("wt", every_topic, "any")
        links.restore_one("wq", bank, data.FIRST_QUESTION)
        links.restore_one("wg", GROUPS, "all")
        topic = left.selectbox(t("ask.topic"), every_topic, format_func=lambda name: word("topic", name), key="wt")
        ids = [name for name, question in bank.items() if topic in ("any", question.topic)]
        if st.session_state["wq"] not in ids:
            st.session_state["wq"] = ids[0]
        name = right.selectbox(t("ask.question"), ids, format_func=lambda one: bank[one].short.get(interface), key="wq")
        question = bank[name]
        option = None
        if question.scale == "nominal":
            codes = [str(code) for code in question.codes]
            links.restore_one("wo", codes, codes[0])
            if st.session_state["wo"] not in codes:
                st.session_state["wo"] = codes[0]
            texts = {str(one.code): one.text.get(interface) for one in question.options}
            option = int(
                st.segmented_control(
                    t("world.option"), codes, format_func=texts.get, key="wo", required=True, wrap=True
                )
            )
        group = st.select_slider(t("world.group"), GROUPS, format_func=group_name, key="wg", help=t("world.group_help"))
        layer = people_layer(question, group, option)
    elif shown == "index":
        links.restore_one("wi", INDICES, INDICES[0])
        with right:
            chosen = st.selectbox(t("world.index"), INDICES, format_func=lambda v: term("world_index", v), key="wi")
        st.caption(term("world_index_about", chosen))
        layer = index_layer(chosen)
    else:
        layer = model_layer(store_state(), languages_of(store_state()))

if layer is None or layer.frame.empty:
    st.info(t("world.nothing"), icon=":material/help_center:")
else:
    take_up_pick(layer)
    st.markdown(f"**{layer.title}**", help=explain(*TERMS[shown]))
    for sentence in layer.more:
        st.markdown(sentence)
    show_map(layer)
    if shown == "people":
        st.markdown(f"> {question.stem.get(interface)}")
        show_notes(question)
    if layer.study:
        st.caption(source_line(layer.study))
    places = sorted(layer.frame["country"], key=country)
    links.restore_one(PLACE, places, None)
    if st.session_state[PLACE] not in places:
        st.session_state[PLACE] = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            t("world.place"), places, format_func=country, key=PLACE, placeholder=t("world.place_none"), width=320
        )
        if picked in resources.survey().countries() and st.button(
            t("world.open", country=country(picked)), type="primary", icon=":material/flag:", key="open_country"
        ):
            st.switch_page(COUNTRY, query_params={"c": picked})
        if shown == "people" and picked and st.button(t("world.ask"), icon=":material/quiz:", key="ask_there"):
            st.switch_page(PROBE, query_params={"q": question.id, "country": picked})
    if picked:
        row = layer.frame[layer.frame["country"] == picked].iloc[0]
        told = f"{value_words(row, layer.as_percent)} · {facts(row)}".rstrip(" ·")
        st.markdown(paired(f"**{plain(country(picked))}**", plain(told)))
    show_places(layer, layer.column)
    if shown == "model":
        card = {"mc": st.session_state["wm"]}
        st.page_link("pages/model.py", label=t("card.from_models"), icon=":material/badge:", query_params=card)

selection = links.save({**DEFAULTS, "wo": None, "wm": None, "wb": "justifiable", "wl": "en", PLACE: None, **KINDS})
with st.popover(t("ask.link"), icon=":material/link:"):
    st.code(links.address(selection), language=None, wrap_lines=True)
show_how("world", t("world.how_title"), t("world.how"))
