"""What if one attribute were different? Asks again and shows the change, option by option."""

import pandas as pd
import streamlit as st

from core.audits.alignment.audit import Reading, Spec, cells_for, readings
from core.charts.options import difference_bars
from core.findings.wording import moved_words
from core.runs.jobs import Job
from core.stats.distances import total_variation
from core.text import plain
from core.types import AGES, EDUCATIONS, SEXES, Cell, Persona, Question
from pages.parts.shared import links, resources
from pages.parts.shared.downloads import show_downloads
from pages.parts.shared.job_view import job_is_running, show_job
from pages.parts.shared.names import country, model_name, model_side, persona_label
from pages.parts.shared.palette import current_palette
from pages.parts.shared.texts import t, term, texts, ui_language

WHAT_IF_KEYS = ("w_who", "w_what", "w_to")
ATTRIBUTES = ("country", "sex", "age", "education")
LEAST = 0.005
"""A smaller change of a share would be shown as 0 %."""


def _values(attribute: str) -> list[str]:
    if attribute == "country":
        return sorted(resources.survey().countries(), key=country)
    return list({"sex": SEXES, "age": AGES, "education": EDUCATIONS}[attribute])


def show_what_if(question: Question, cells: list[Cell]) -> None:
    """A small form under the answers: whose answer, which attribute, which value."""
    personas = list(dict.fromkeys(cell.persona for cell in cells))
    st.subheader(t("what_if.title"), anchor=False)
    st.markdown(t("what_if.intro"))
    one, two, three, four = st.columns([3, 2, 2, 1], vertical_alignment="bottom")
    keys = [persona.key for persona in personas]
    usual = keys[1] if len(keys) > 1 else keys[0]
    links.restore_one("w_who", keys, usual)
    if st.session_state["w_who"] not in keys:
        st.session_state["w_who"] = usual
    who = one.selectbox(
        t("what_if.who"), keys, format_func=lambda key: persona_label(Persona.from_key(key)), key="w_who"
    )
    links.restore_one("w_what", ATTRIBUTES, ATTRIBUTES[0])
    what = two.selectbox(t("what_if.what"), ATTRIBUTES, format_func=lambda name: term("attribute", name), key="w_what")
    before = Persona.from_key(who)
    values = [value for value in _values(what) if value != getattr(before, what)]
    links.restore_one("w_to", values, values[0])
    if st.session_state["w_to"] not in values:
        st.session_state["w_to"] = values[0]
    name = country if what == "country" else lambda value: term(what, value)
    to = three.selectbox(t("what_if.to"), values, format_func=name, key="w_to")
    after = Persona.model_validate(before.model_dump() | {what: to})
    asking = job_is_running("whatif_job")
    if four.button(t("what_if.ask"), key="w_ask", disabled=asking, width="stretch"):
        models = list({cell.model.id: cell.model for cell in cells}.values())
        languages = tuple(dict.fromkeys(cell.variant.language for cell in cells))
        spec = Spec(
            models=tuple(model.id for model in models),
            personas=(before, after),
            languages=languages,
            text_check=False,
        )
        job = resources.ask(cells_for(spec, models, [question]), title=f"what if {question.id}")
        st.session_state["whatif_job"] = job.id
        st.session_state["whatif_asked"] = (question, before, after)
        st.rerun()
    asked = st.session_state.get("whatif_asked")
    if asked is not None and asked[0] == question:
        show_job("whatif_job", lambda job: _show_change(*asked, job), seen_running=asking, live=False)


def _show_change(question: Question, before: Persona, after: Persona, job: Job) -> None:
    found = readings([result.response for result in job.results()], {question.id: question})
    pairs = _pairs(found, before, after)
    if not pairs or not job.finished:
        return
    language = ui_language()
    rows = []
    for first, second in pairs:
        name = f"{model_name(first.model_id)} ({term('language', first.language)})"
        shares = zip(question.options, first.distribution.probabilities, second.distribution.probabilities, strict=True)
        rows += [
            {
                "option": option.text.get(language),
                "place": position,
                "series": name,
                "look": model_side(first.model_id),
                "before": p,
                "after": q,
                "change": q - p,
            }
            for position, (option, p, q) in enumerate(shares)
        ]
    frame = pd.DataFrame(rows)
    moved = max(float(total_variation(a.distribution.probabilities, b.distribution.probabilities)) for a, b in pairs)
    largest = frame.loc[frame["change"].abs().idxmax()]
    names = {"before": persona_label(before), "after": persona_label(after), "option": str(largest["option"])}
    finding = moved_words(texts(), names, moved, float(largest["change"]))
    st.markdown(f"**{plain(finding)}**")
    palette = current_palette()
    st.altair_chart(difference_bars(frame, palette, t), theme=None, key="what_if_bars", alt=finding)
    table = frame[["series", "option", "before", "after", "change"]]
    show_downloads(
        lambda: difference_bars(frame, palette, t), table, key="what_if", title=finding, source=t("answers.source")
    )
    with st.expander(t("details.table"), icon=":material/table:"):
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                "series": t("chart.answered_by"),
                "option": t("chart.option"),
                "before": st.column_config.NumberColumn(t("what_if.before"), format="percent"),
                "after": st.column_config.NumberColumn(t("what_if.after"), format="percent"),
                "change": st.column_config.NumberColumn(t("chart.change"), format="percent"),
            },
        )


def _pairs(found: list[Reading], before: Persona, after: Persona) -> list[tuple[Reading, Reading]]:
    by_key = {(r.model_id, r.language, r.persona): r for r in found}
    sides = dict.fromkeys((r.model_id, r.language) for r in found)
    return [
        (by_key[*side, before], by_key[*side, after])
        for side in sides
        if (*side, before) in by_key and (*side, after) in by_key
    ]
