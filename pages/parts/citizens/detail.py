"""One opened question, and the answers that no real person would give."""

import json

import pandas as pd
import streamlit as st

from core.audits.citizens.checks import RULES
from pages.parts.citizens.data import arm_words
from pages.parts.shared import resources
from pages.parts.shared.chart_block import Block, draw_chart
from pages.parts.shared.distributions import shares_block
from pages.parts.shared.names import model_side
from pages.parts.shared.question_notes import show_notes
from pages.parts.shared.texts import number, percent, t, term, ui_language

MOST_SHOWN = 200


def show_question(rows: pd.DataFrame, arm: str, name: str) -> None:
    """Simulated and real answers to one question side by side; ``rows`` are of one model and country, all groups."""
    mine = rows[(rows["arm"] == arm) & (rows["question_id"] == name)]
    if mine.empty:
        st.info(t("citizens.no_answer"), icon=":material/help_center:")
        return
    row = mine.iloc[0]
    question = resources.questions()[name]
    st.markdown(f"> **{question.stem.get(ui_language())}**")
    show_notes(question)
    draw_chart(question_block(row, arm, name))
    st.caption(
        t(
            "citizens.question_note",
            distance=number(row["distance"], 3),
            uniform=number(row["uniform"], 3),
            others=number(row["others"], 3),
            entropy=number(row["entropy"], 2),
            human=number(row["human_entropy"], 2),
        )
    )
    if "none" in row["weight_status"]:
        st.caption(t("people.unweighted"))


def question_block(row: pd.Series, arm: str, name: str) -> Block:
    """Simulated and real answers to the question ``name`` as bars; ``row`` is the one of all people."""
    simulated = t("citizens.simulated_series", n=int(row["citizens"]), arm=arm_words(arm))
    return shares_block(
        "citizens_bars",
        resources.questions()[name],
        {t("citizens.people_series", n=number(int(row["n"])), year=int(row["year"])): row["shares"]},
        {simulated: [count / row["citizens"] for count in row["counts"]]},
        {simulated: model_side(row["model_id"])},
        t("citizens.bars_alt"),
        "",
        (name, arm, row["model_id"], tuple(row["shares"]), tuple(row["counts"]), ui_language()),
    )


def checks_table(checks: pd.DataFrame) -> pd.DataFrame:
    """How often each rule was broken, by source of diversity."""
    order = checks.sort_values(["rule"], key=lambda c: c.map(RULES.index), kind="stable")
    rows = [row for _, row in order.rename(columns={"low": "rate_low", "high": "rate_high"}).iterrows()]
    return pd.DataFrame(
        {
            t("citizens.rule"): [term("citizens_rule", row["rule"]) for row in rows],
            t("citizens.arm"): [arm_words(row["arm"]) for row in rows],
            t("citizens.how_read"): [term("citizens_kind", row["kind"]) for row in rows],
            t("citizens.rate"): [_rate(row) for row in rows],
            t("citizens.answers"): [row["answers"] for row in rows],
            t("chart.questions"): [row["questions"] for row in rows],
        }
    )


def show_checks(checks: pd.DataFrame, offending: pd.DataFrame, paired: bool) -> None:
    """How often each rule was broken, and by which answers.

    ``paired`` says whether a question of the run asks for the second choice from the list of another.
    """
    if checks.empty:
        st.info(t("citizens.no_checks"), icon=":material/help_center:")
        return
    st.dataframe(checks_table(checks), hide_index=True, key="citizens_checks")
    missing = [term("citizens_rule", rule) for rule in RULES if rule not in set(checks["rule"])]
    if missing:
        st.caption(t("citizens.not_judged", rules=" · ".join(missing)))
    if not paired:
        st.caption(t("citizens.no_pairs"))
    st.caption(t("citizens.checks_help"))
    if offending.empty:
        st.markdown(t("citizens.none_offend"))
        return
    bank, language = resources.questions(), ui_language()
    known = [rule for rule in RULES if rule in set(offending["rule"])]
    rule = st.selectbox(
        t("citizens.offending"), known, format_func=lambda name: term("citizens_rule", name), key="crule"
    )
    mine = offending[offending["rule"] == rule]
    shown = pd.DataFrame(
        {
            t("citizens.arm"): mine["arm"].map(arm_words),
            t("citizens.respondent"): _numbered(mine),
            t("chart.question"): [
                bank[name].short.get(language) if name in bank else name for name in mine["question_id"]
            ],
            t("citizens.answer"): [_said(a, k) for a, k in zip(mine["answer"], mine["kind"], strict=True)],
        }
    )
    st.dataframe(shown.head(MOST_SHOWN), hide_index=True, key="citizens_offending")
    if len(shown) > MOST_SHOWN:
        st.caption(t("citizens.more_offending", n=len(shown) - MOST_SHOWN))


def _numbered(rows: pd.DataFrame) -> pd.Series:
    """Numbers of respondents; where several seeds drew them, “2 / 17”: the seed and the number."""
    numbers = rows["number"].astype(str)
    return numbers if rows["seed"].nunique() < 2 else rows["seed"].astype(str) + " / " + numbers


def _said(answer: str, kind: str) -> str:
    """A text unchanged; for a distribution its likeliest first words."""
    if kind == "text":
        return answer
    tokens = json.loads(answer or "[]")[:5]
    return " · ".join(f"“{word}” {percent(share)}" for word, share in tokens)


def _rate(row: pd.Series) -> str:
    rate, low, high = (percent(row[name]) for name in ("rate", "rate_low", "rate_high"))
    return f"{rate} [{low}, {high}]"
