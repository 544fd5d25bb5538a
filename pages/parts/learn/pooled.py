"""The reveal of a round: the pooled guesses of the class beside what was found."""

from statistics import median

import altair as alt
import streamlit as st

from core.charts.classroom import choice_chart, number_chart
from core.charts.palette import Palette
from core.classroom import Look
from core.findings.lesson import Lesson
from core.i18n import Texts
from core.surveys import SHIPPED
from pages.parts.learn.blocks import block_of
from pages.parts.learn.data import shipped_state
from pages.parts.learn.rounds import Answer, about, answer, asked, guess_words, model_answers, step_of
from pages.parts.shared.chart_block import Block, draw_chart
from pages.parts.shared.distributions import shares_block
from pages.parts.shared.names import country, model_name, model_side, survey_name
from pages.parts.shared.texts import t, term


def show_pooled(look: Look, found: Lesson) -> None:
    """What the class guessed on the left, what was found on the right, and a point to discuss below."""
    name = look.round.name
    told = answer(name, found)
    verdict = verdict_words(look, found, told)
    st.markdown(f"**{verdict}**")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('class.guessed')}**")
        draw_chart(_guesses_block(look, found, told, verdict))
    with right:
        found_block = _found_block(name, found, told)
        st.markdown(f"**{found_block.title}**")
        draw_chart(found_block)
    st.caption(" ".join([told.note, found_block.note, found_block.source]).strip())
    step = step_of(name)
    with st.container(border=True):
        talk = term("learn_discuss", step) if step else t("class.people_discuss")
        st.markdown(f"**:material/forum: {t('learn.discuss')}** {talk}")


def verdict_words(look: Look, found: Lesson, told: Answer) -> str:
    """The answer ``told``, and how near the class came: its middle guess, or how many chose what was found."""
    name = look.round.name
    if not look.guesses:
        return t("class.nobody_guessed", answer=told.words)
    if asked(name, found).options:
        right = look.guesses.count(round(told.value))
        return t("class.chosen", answer=told.words, right=right, n=len(look.guesses))
    low, high = look.guesses[0], look.guesses[-1]
    return t(
        "class.middle",
        answer=told.words,
        middle=guess_words(name, float(median(look.guesses)), found),
        low=low,
        high=high,
        n=len(look.guesses),
    )


def _guesses_block(look: Look, found: Lesson, told: Answer, verdict: str) -> Block:
    words, guesses = asked(look.round.name, found), look.guesses

    def draw(palette: Palette, texts: Texts) -> alt.LayerChart:
        if words.options:
            return choice_chart(guesses, words.options, round(told.value), palette, texts)
        return number_chart(guesses, words.top, told.drawn, palette, texts, t("class.guess_axis"))

    return Block("class_guesses", t("class.guessed"), draw, told.drawn, "", alt=verdict)


def _found_block(name: str, found: Lesson, told: Answer) -> Block:
    """What was found: the chart of the step, or the answers of people and models to the question."""
    step = step_of(name)
    if step:
        return block_of(step, found)
    question, place = about(name)
    models = model_answers(question)
    people = t("people.country", country=country(place))
    title = t("class.found_people", country=country(place))
    return shares_block(
        "class_found",
        question,
        {people: told.shares},
        {model_name(model): shares for model, shares in models.items()},
        {model_name(model): model_side(model) for model in models},
        title,
        survey_name(SHIPPED),
        ("class_found", name, told.shares, *models.items(), shipped_state()),
    )
