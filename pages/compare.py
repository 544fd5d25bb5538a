"""Compare: two to five models, runs or prompt languages across the four audits, what differs most first."""

from functools import partial

import pandas as pd
import streamlit as st

from core.findings.compare import AUDIT_NAMES, MOST_SIDES
from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.compare.brief import compare_brief
from pages.parts.compare.data import aside_of, items_of, runs_behind, sides
from pages.parts.compare.presets import presets, usual_sides
from pages.parts.compare.view import MEASURES, TOLD, USUAL_COUNTRY, carded, compared, show_audit
from pages.parts.compare.words import clearest_first, difference_table, side_words
from pages.parts.shared import links
from pages.parts.shared.aside import aside_words
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.chart_block import card_column
from pages.parts.shared.fold import show_how
from pages.parts.shared.kinds import DEFAULTS as KINDS
from pages.parts.shared.kinds import kind_words, pick_kinds
from pages.parts.shared.names import country
from pages.parts.shared.readings import grouped_countries, store_state
from pages.parts.shared.served import show_served
from pages.parts.shared.texts import t, term

inside_app()

TOP = 6


def start_from(keys: list[str]) -> None:
    """Compare ``keys`` with the first of them."""
    st.session_state["s"], st.session_state["p"] = list(keys), keys[0]


def swap() -> None:
    """Compare with the next side instead."""
    keys = st.session_state["s"]
    st.session_state["p"] = keys[(keys.index(st.session_state["p"]) + 1) % len(keys)]


st.title(t("compare.title"), anchor=False)
st.markdown(t("compare.intro"))
brief_place = st.container()

state = store_state()
known = sides(state)
every = list(known["key"])
ready = presets(state)
places = sorted(grouped_countries(), key=country)

if len(every) < 2:
    st.info(t("compare.empty"), icon=":material/inbox:")
    st.page_link("pages/runs.py", label=t("compare.empty_link"), icon=":material/arrow_forward:")
else:
    names = {key: side_words(key, known) for key in every}
    usual = usual_sides(state)
    links.restore_many("s", every, usual, MOST_SIDES)
    links.restore_one("ct", TOLD, TOLD[0])
    links.restore_one("cm", MEASURES, MEASURES[0])
    links.restore_one("cc", places, USUAL_COUNTRY)
    with st.container(border=True):
        with st.container(horizontal=True):
            for name, keys in ready.items():
                st.button(
                    term("compare_preset", name),
                    key=f"preset_{name}",
                    on_click=start_from,
                    args=(keys,),
                    type="tertiary",
                )
        st.multiselect(
            t("compare.sides"),
            every,
            format_func=names.__getitem__,
            placeholder=t("app.choose"),
            select_all=False,
            key="s",
            max_selections=MOST_SIDES,
        )
        chosen = list(st.session_state["s"])
        if chosen:
            if st.session_state.get("p") not in chosen:
                st.session_state.pop("p", None)
            links.restore_one("p", chosen, chosen[0])
        if len(chosen) > 1:
            left, right = st.columns([4, 1], vertical_alignment="bottom")
            left.selectbox(t("compare.pinned"), chosen, format_func=names.__getitem__, key="p")
            right.button(t("compare.swap"), key="swap", on_click=swap, icon=":material/swap_horiz:")
        left, middle, right = st.columns(3)
        left.segmented_control(
            t("representation.told"), TOLD, format_func=lambda v: term("told", v), key="ct", required=True, wrap=True
        )
        middle.segmented_control(
            t("compare.measure"),
            MEASURES,
            format_func=lambda v: term("compare_measure", v),
            key="cm",
            required=True,
            wrap=True,
        )
        right.selectbox(t("compare.country"), places, format_func=country, key="cc")
        kinds = pick_kinds()
        given = {"s": usual, "p": chosen[0] if chosen else None, "ct": TOLD[0], "cm": MEASURES[0], "cc": USUAL_COUNTRY}
        selection = links.save({**given, **KINDS})
        with st.popover(t("ask.link"), icon=":material/link:"):
            st.code(links.address(selection), language=None, wrap_lines=True)
    if len(chosen) < 2:
        st.info(t("compare.choose"), icon=":material/edit:")
    else:
        pinned, told = st.session_state["p"], st.session_state["ct"]
        labels = {key: names[key] for key in chosen}
        asked = (told, st.session_state["cm"], st.session_state["cc"], kinds)
        of = (state, tuple(labels.items()), pinned, *asked)
        parts, present = {}, {}
        for audit in AUDIT_NAMES:
            items = items_of(state, audit, tuple(chosen), *asked)
            measure = st.session_state["cm"] if audit == "alignment" else audit
            present[audit] = set(items["side"])
            parts[audit] = compared(audit, measure, items, chosen, pinned, labels)
        shown = [part for part in parts.values() if part is not None]
        if shown:
            found = clearest_first(pd.concat([part.apart for part in shown], ignore_index=True))
            beyond = int(found["beyond"].sum())
            head = t("compare.head", k=beyond, m=len(found), pinned=labels[pinned])
            st.markdown(f"#### {plain(head)}")
            st.markdown(f"**{t('compare.most')}**")
            most = carded(difference_table(found.head(TOP), labels), found.head(TOP))
            st.dataframe(most, hide_index=True, key="most", column_config={t("ranking.card"): card_column()})
            st.caption(t("compare.most_help"))
            behind = runs_behind(state, tuple(chosen), [part.audit for part in shown])
            show_served(behind)
            with brief_place:
                made = partial(compare_brief, head, shown, found, labels, pinned, behind, kind_words(kinds))
                show_brief("compare", made)
        for audit in AUDIT_NAMES:
            lost = aside_of(state, audit, tuple(chosen), *asked)
            aside = aside_words(0, {labels[key]: count for key, count in lost.items()}, (), "items")
            show_audit(audit, parts[audit], chosen, present[audit], labels, of, aside)

show_how("compare", t("compare.how_title"), t("compare.how"))
