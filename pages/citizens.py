"""Simulated citizens: do twenty people played by a model answer like twenty real ones, and what makes them differ?"""

import json
from functools import partial

import streamlit as st

from core.audits.citizens.people import women_share
from core.surveys.questions import topics
from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.citizens.brief import citizens_brief
from pages.parts.citizens.data import (
    arm_words,
    citizen_runs,
    counted,
    frames_of,
    run_words,
    seeds_of,
    skipped,
    summary_of,
)
from pages.parts.citizens.detail import show_checks, show_question
from pages.parts.citizens.view import show_ablation, show_diversity, show_groups
from pages.parts.citizens.words import FEW, Compared, against_baselines, headline
from pages.parts.shared import links, resources
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.fold import show_how
from pages.parts.shared.glossary import explain
from pages.parts.shared.kinds import DEFAULTS as KINDS
from pages.parts.shared.kinds import kind_words, pick_kinds
from pages.parts.shared.names import country, model_name, word
from pages.parts.shared.scope import DEFAULTS, pick_runs
from pages.parts.shared.texts import percent, t, term, ui_language

inside_app()


def show_run(runs) -> None:
    """Pick run, model, country and topic, and show all of it."""
    runs = pick_runs(runs, "crun").reset_index(drop=True)
    if runs.empty:
        st.info(t("scope.nothing"), icon=":material/filter_alt_off:")
        links.save(DEFAULTS)
        return
    by_id = runs.set_index("run_id")
    links.restore_one("crun", by_id.index, runs["run_id"].iloc[0])
    if st.session_state["crun"] not in by_id.index:
        st.session_state["crun"] = runs["run_id"].iloc[0]
    with st.container(border=True):
        left, middle, right = st.columns([2, 1, 1])
        run = left.selectbox(
            t("citizens.run"), list(by_id.index), format_func=lambda name: run_words(by_id.loc[name]), key="crun"
        )
        size = int(by_id.loc[run, "rows"])
        frames = frames_of(run, size)
        kinds = pick_kinds()
        found = counted(frames["questions"], kinds)
        if found.empty:
            st.warning(t("citizens.nothing"), icon=":material/help_center:")
            return
        pairs = list(dict.fromkeys(f"{m}|{g}" for m, g in zip(found["model_id"], found["language"], strict=True)))
        pick(middle, "cm", t("chart.model"), pairs, pair_words)
        model, language = st.session_state["cm"].rsplit("|", 1)
        here = found[(found["model_id"] == model) & (found["language"] == language)]
        pick(right, "cc", t("alignment.country"), list(dict.fromkeys(here["country"])), country)
        place = st.session_state["cc"]
        here = here[here["country"] == place]
        bank = resources.questions()
        known = [name for name in topics(bank) if name in set(here["topic"])]
        pick(st, "ct", t("ask.topic"), ["any", *known], lambda name: word("topic", name))
    topic = st.session_state["ct"]
    everywhere = summary_of(run, size, model, language, topic, kinds)
    table = everywhere[everywhere["country"] == place]
    whole = table[table["dimension"] == "all"]
    arms = list(whole["arm"])
    source = t("citizens.source", run=run)
    last = whole.iloc[-1]
    st.markdown(f"#### {plain(headline(last))}")
    st.markdown(against_baselines(last))
    if last["questions"] < FEW:
        st.caption(t("citizens.few", n=int(last["questions"])))
    st.caption(t("citizens.no_census", country=country(place), women=percent(women_share(place))))
    if skipped(frames, model, json.loads(by_id.loc[run, "spec"]) or {}):
        st.caption(t("citizens.skipped", model=model_name(model)))
    tests = int((everywhere["dimension"].eq("all") & everywhere["change"].notna()).sum())
    compared = Compared(tests, seeds_of(run, size, model, language, place, topic, kinds))
    show_ablation(whole, compared, source)
    st.header(t("citizens.diversity_header"), anchor=False, divider="gray", help=explain("entropy", "dispersion_ratio"))
    show_diversity(whole, source)

    st.header(t("citizens.opened_header"), anchor=False, divider="gray")
    left, right = st.columns(2)
    pick(left, "ca", t("citizens.arm"), arms, arm_words, arms[-1])
    asked = [name for name in dict.fromkeys(here["question_id"]) if topic in ("any", bank[name].topic)]
    pick(right, "cq", t("chart.question"), asked, lambda name: bank[name].short.get(ui_language()))
    show_question(here[here["dimension"] == "all"], st.session_state["ca"], st.session_state["cq"])
    show_groups(table[table["dimension"] != "all"], st.session_state["ca"], source)

    st.header(t("citizens.checks_header"), anchor=False, divider="gray", help=explain("insensitivity"))
    checks, offending = (
        frame[(frame["model_id"] == model) & (frame["language"] == language) & (frame["country"] == place)]
        for frame in (frames["checks"], frames["offending"])
    )
    asked_of = set(frames["answers"]["question_id"])
    paired = any(name in bank and bank[name].second_to in asked_of for name in asked_of)
    show_checks(checks, offending, paired or "same_choice" in set(checks["rule"]))
    groups = table[(table["dimension"] != "all") & (table["arm"] == st.session_state["ca"])]
    brief = partial(citizens_brief, whole, compared, groups, checks, language, source, run, kind_words(kinds))
    links.save(
        {
            "crun": runs["run_id"].iloc[0],
            "cm": pairs[0],
            "cc": None,
            "ct": "any",
            "ca": arms[-1],
            "cq": asked[0],
            **KINDS,
            **DEFAULTS,
        }
    )
    with brief_place:
        show_brief("citizens", brief)


def pick(where, key: str, label: str, options: list[str], words, default: str | None = None) -> None:
    """A choice that the link restores; one that is no longer on offer gives way to the default."""
    first = options[0] if default is None else default
    links.restore_one(key, options, first)
    if st.session_state[key] not in options:
        st.session_state[key] = first
    where.selectbox(label, options, format_func=words, key=key)


def pair_words(pair: str) -> str:
    """A model and the language it was asked in."""
    model, language = pair.rsplit("|", 1)
    return f"{model_name(model)} · {term('language', language)}"


st.title(t("citizens.title"), anchor=False)
st.markdown(t("citizens.intro"))
brief_place = st.container()
every = citizen_runs()
if every.empty:
    st.info(t("citizens.empty"), icon=":material/inbox:")
    st.code("python -m core run data/specs/diversity-demo.toml --id my-citizens", language="bash")
else:
    show_run(every)

show_how("citizens", t("citizens.how_title"), t("citizens.how"))
