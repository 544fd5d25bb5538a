"""Representation: how far a model stands from each group of people, and whether the data can tell."""

from functools import partial

import streamlit as st

from core.audits.representation.audit import GROUPS, TOLD
from core.surveys.questions import topics
from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.representation.brief import representation_brief
from pages.parts.representation.data import MOST, USUAL_COUNTRY, asked_of, panels, usual_models
from pages.parts.representation.detail import show_cell
from pages.parts.representation.import_form import show_import
from pages.parts.representation.published import show_published
from pages.parts.representation.view import set_words, show_panel
from pages.parts.representation.words import claim_lines
from pages.parts.shared import links, resources
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.fold import show_how
from pages.parts.shared.glossary import explain
from pages.parts.shared.kinds import DEFAULTS as KINDS
from pages.parts.shared.kinds import kind_words, pick_kinds
from pages.parts.shared.names import country, group_words, model_name, word
from pages.parts.shared.readings import grouped_countries, known_readings, languages_of, store_state
from pages.parts.shared.scope import DEFAULTS, pick_scope
from pages.parts.shared.texts import paired, t, term, ui_language

inside_app()

CELLS = [f"{dimension}:{group}" for dimension, groups in GROUPS.items() for group in groups]

st.title(t("representation.title"), anchor=False)
st.markdown(t("representation.intro"))
brief_place = st.container()

state = store_state()
scope = pick_scope(state)
kinds = pick_kinds()
known = list(dict.fromkeys(known_readings(state, scope)["model_id"]))
places = sorted(grouped_countries(), key=country)
languages = languages_of(state, scope)

if not known:
    st.info(t("representation.empty"), icon=":material/inbox:")
    st.page_link("pages/probe.py", label=t("representation.empty_link"), icon=":material/arrow_forward:")
else:
    first = usual_models(state, scope)
    links.restore_many("rm", known, first, MOST)
    st.session_state["rm"] = [name for name in st.session_state["rm"] if name in known]
    links.restore_many("rc", places, [USUAL_COUNTRY], MOST)
    links.restore_one("rl", languages, languages[0])
    if st.session_state["rl"] not in languages:
        st.session_state["rl"] = languages[0]
    links.restore_one("rt", ("any", *topics(resources.questions())), "any")
    links.restore_one("rs", TOLD, "none")
    links.restore_one("g", CELLS, CELLS[0])
    with st.container(border=True):
        left, right = st.columns(2)
        left.multiselect(
            t("ask.models"),
            known,
            format_func=model_name,
            placeholder=t("app.choose"),
            select_all=False,
            key="rm",
            max_selections=MOST,
        )
        right.multiselect(
            t("ask.countries"),
            places,
            format_func=country,
            placeholder=t("app.choose"),
            select_all=False,
            key="rc",
            max_selections=MOST,
        )
        left, right = st.columns(2)
        left.selectbox(
            t("ask.topic"),
            ("any", *topics(resources.questions())),
            format_func=lambda name: word("topic", name),
            key="rt",
        )
        right.segmented_control(
            t("representation.told"),
            TOLD,
            format_func=lambda v: term("told", v),
            key="rs",
            required=True,
            wrap=True,
            help=explain("persona", "twin"),
            on_change=lambda: st.session_state.pop("cell_told", None),
        )
        if len(languages) > 1:
            st.segmented_control(
                t("ask.languages"), languages, format_func=lambda v: term("language", v), key="rl", required=True
            )
    chosen, where, told = st.session_state["rm"], st.session_state["rc"], st.session_state["rs"]
    language, topic = st.session_state["rl"], st.session_state["rt"]
    pairs = [(model, place) for model in chosen for place in where]
    if not pairs:
        st.info(t("representation.choose"), icon=":material/edit:")
    usable, aside = [], []
    if pairs:
        together = panels(state, scope, tuple(chosen), language, tuple(where), topic, kinds)
        aside = set_words(together.sets, told)
        for sentence in aside:
            st.caption(sentence)
    columns = st.columns(min(len(pairs), 2), gap="large") if pairs else []
    clicked = None
    for position, (model, place) in enumerate(pairs):
        frames = together.frames[model, place]
        with columns[position % len(columns)]:
            if not len(frames["groups"]):
                st.header(f"{plain(model_name(model))} · {country(place)}", anchor=False)
                st.info(t("representation.nothing"), icon=":material/help_center:")
                continue
            usable.append((model, place, frames))
            picked = show_panel(frames, model, place, told, (state, scope, language, together.used[model, place]))
            if picked and st.session_state.get(f"seen_{model}_{place}") != picked:
                st.session_state[f"seen_{model}_{place}"] = clicked = picked
    if clicked:
        # A click moves the picker below, which is what the URL keeps.
        st.session_state["g"] = clicked[0]
        st.session_state["cell_told"] = clicked[1]
    if usable:
        st.selectbox(
            t("representation.group"),
            CELLS,
            format_func=lambda cell: paired(term("dimension", cell.split(":")[0]), group_words(cell.split(":", 1)[1])),
            key="g",
        )
        opened = st.session_state.get("cell_told", told)
        model, place, frames = usable[0]
        if len(usable) > 1:
            names = [f"{model_name(m)} · {country(p)}" for m, p, _ in usable]
            pick = st.selectbox(
                t("representation.panel"), range(len(usable)), format_func=names.__getitem__, key="panel"
            )
            model, place, frames = usable[pick]
        table = asked_of(state, scope, tuple(chosen), language).readings
        show_cell(frames, table, model, place, st.session_state["g"], opened)
    links.save(
        {"rm": first, "rc": [USUAL_COUNTRY], "rl": languages[0], "rt": "any", "rs": "none", "g": CELLS[0]}
        | {**DEFAULTS, **KINDS}
    )
    if usable:
        with brief_place:
            used = asked_of(state, scope, tuple(chosen), language).readings
            show_brief(
                "representation",
                partial(representation_brief, usable, used, language, told, [*aside, kind_words(kinds)]),
            )

    show_published()
    st.header(t("representation.claim_title"), anchor=False, divider="gray")
    st.markdown(t("representation.claim"))
    claims = claim_lines(state, kinds, ui_language())
    if claims:
        st.markdown(claims)
    else:
        st.info(t("representation.claim_empty"), icon=":material/help_center:")

show_import()
show_how("representation", t("representation.how_title"), t("representation.how"))
