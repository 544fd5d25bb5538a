"""Alignment: how near each model is to each country, and whether it beats knowing nothing."""

from functools import partial

import streamlit as st

from core.audits.alignment.scores import ASKED
from core.audits.option_table import AVERAGINGS
from core.surveys.questions import topics
from core.text import plain
from pages.parts.alignment.brief import alignment_brief
from pages.parts.alignment.data import matrix, question_sets, scores, topic_skills
from pages.parts.alignment.traits import show_traits
from pages.parts.alignment.view import MEASURES, set_words, show_matrix, show_questions, show_rows
from pages.parts.app.frame import inside_app
from pages.parts.shared import links, resources
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.fold import show_how
from pages.parts.shared.glossary import explain
from pages.parts.shared.kinds import DEFAULTS as KINDS
from pages.parts.shared.kinds import kind_words, pick_kinds
from pages.parts.shared.names import country, model_name, model_side, word
from pages.parts.shared.readings import PLAIN, languages_of, readings, store_state
from pages.parts.shared.scope import DEFAULTS, pick_scope
from pages.parts.shared.texts import t, term

inside_app()

st.title(t("alignment.title"), anchor=False)
st.markdown(t("alignment.intro"))
brief_place = st.container()

state = store_state()
every_topic = ("any", *topics(resources.questions()))
scope = pick_scope(state)
kinds = pick_kinds()
languages = languages_of(state, scope)
links.restore_one("ao", AVERAGINGS, AVERAGINGS[0])
average = st.session_state["ao"]
usable = [asked for asked in ASKED if languages and len(scores(state, scope, languages[0], asked, kinds, average))]

if not usable:
    st.info(t("alignment.empty"), icon=":material/inbox:")
    st.page_link("pages/probe.py", label=t("representation.empty_link"), icon=":material/arrow_forward:")
else:
    links.restore_one("al", languages, languages[0])
    if st.session_state["al"] not in languages:
        st.session_state["al"] = languages[0]
    links.restore_one("at", every_topic, "any")
    links.restore_one("aa", ASKED, ASKED[0])
    links.restore_one("av", MEASURES, MEASURES[0])
    with st.container(border=True):
        left, right = st.columns(2)
        left.selectbox(t("ask.topic"), every_topic, format_func=lambda name: word("topic", name), key="at")
        right.segmented_control(
            t("representation.told"),
            ASKED,
            format_func=lambda v: term("told", v),
            key="aa",
            required=True,
            help=explain("persona", "twin"),
        )
        st.segmented_control(
            t("alignment.measure"),
            MEASURES,
            format_func=lambda v: term("measure", v),
            key="av",
            required=True,
            help=explain("skill", "baseline", "as_published"),
        )
        left, right = st.columns(2)
        left.segmented_control(
            t("alignment.average"),
            AVERAGINGS,
            format_func=lambda v: term("averaging", v),
            key="ao",
            required=True,
            help=explain("order_average"),
        )
        if len(languages) > 1:
            right.segmented_control(
                t("ask.languages"), languages, format_func=lambda v: term("language", v), key="al", required=True
            )
    language, topic, asked, measure = (st.session_state[key] for key in ("al", "at", "aa", "av"))
    frame = matrix(state, scope, language, asked, topic, kinds, average)
    if not len(frame):
        st.info(t("alignment.nothing"), icon=":material/help_center:")
    else:
        picked = show_matrix(frame, measure, (state, scope, language, asked, topic, kinds, average))
        aside = set_words(question_sets(state, scope, language, asked, topic, kinds, average))
        for sentence in aside:
            st.caption(sentence)
        models, places = list(dict.fromkeys(frame["model_id"])), list(dict.fromkeys(frame["country"]))
        if picked and st.session_state.get("alignment_seen") != picked:
            st.session_state["alignment_seen"] = picked
            st.session_state["am"], st.session_state["ac"] = picked
        links.restore_one("am", models, models[0])
        links.restore_one("ac", places, places[0])
        left, right = st.columns(2)
        left.selectbox(t("chart.model"), models, format_func=model_name, key="am")
        right.selectbox(t("alignment.country"), places, format_func=country, key="ac")
        model, place = st.session_state["am"], st.session_state["ac"]
        mine = scores(state, scope, language, asked, kinds, average)
        mine = mine if topic == "any" else mine[mine["topic"] == topic]
        table = readings(state, scope=scope, language=language, told=PLAIN, average=average)
        show_questions(mine, table, model, place, asked)

        st.header(t("alignment.countries_title", model=plain(model_name(model))), anchor=False, divider="gray")
        own = frame[frame["model_id"] == model]
        title = t("alignment.countries_title", model=model_name(model))
        show_rows(
            own,
            [country(c) for c in own["country"]],
            measure,
            title,
            "by_c",
            (state, scope, language, asked, topic, model, kinds, average),
            model_side(model),
        )
        st.caption(t("alignment.floor_help"))
        st.header(
            t("alignment.topics_title", model=plain(model_name(model)), country=country(place)),
            anchor=False,
            divider="gray",
        )
        by_topic = topic_skills(state, scope, language, asked, model, place, kinds, average)
        names = [word("topic", name) for name in by_topic["topic"]]
        if names:
            of = (state, scope, language, asked, model, place, kinds, average)
            show_rows(by_topic, names, measure, t("ask.topic"), "by_topic", of, model_side(model))
        else:  # a model that was not asked as this country, which its row in the matrix shows as empty
            st.info(t("alignment.no_questions"), icon=":material/help_center:")
        st.header(t("alignment.traits_title"), anchor=False, divider="gray")
        show_traits(state, scope, language, asked, topic, measure, kinds, average)
    links.save(
        {
            "al": languages[0],
            "at": "any",
            "aa": ASKED[0],
            "av": MEASURES[0],
            "ao": AVERAGINGS[0],
            "am": None,
            "ac": None,
            **DEFAULTS,
            **KINDS,
        }
    )
    if len(frame):
        mine = scores(state, scope, language, asked, kinds, average)
        mine = mine if topic == "any" else mine[mine["topic"] == topic]
        with brief_place:
            table = readings(state, scope=scope, language=language, told=PLAIN, average=average)
            logs = [t("alignment.average_log")] if average == "log" else []
            notes = [*aside, kind_words(kinds), *logs]
            made = partial(alignment_brief, frame, mine, table, language, asked, measure, model, notes)
            show_brief("alignment", made)

show_how("alignment", t("alignment.how_title"), t("alignment.how"))
