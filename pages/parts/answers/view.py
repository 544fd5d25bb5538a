"""One answer: the prompt, the response, and the same question in another printed form or in another run."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.store.index.reader import printed_beside
from core.text import plain, visible
from core.types import Response
from pages.parts.answers import data
from pages.parts.shared import resources
from pages.parts.shared.names import model_name, word
from pages.parts.shared.texts import moment, number, paired, percent, t, term

MOST_WORDS = 10
LONGEST_FIRST = 24
"""Characters of the option that names a way of printing."""


def show_answer(run: str, place: str, other: str | None, other_cell: str | None) -> None:
    """The answer at ``place``, beside another printed form of it or beside the answer of the run ``other``."""
    cell, sample = data.split_place(place)
    found = data.whole_answers(run, [cell], sample)
    if not found:
        st.warning(t("reader.gone"), icon=":material/help:")
        return
    row = found[0]
    words = data.option_words(row)
    st.subheader(plain(data.question_words(row.question_key)), anchor=False)
    person = "|".join(part or "" for part in (row.country, row.age, row.sex, row.education))
    facts = [model_name(row.model_id), data.person_words(person), term("language", row.language)]
    st.caption(" · ".join(plain(fact) for fact in facts))
    forms = data.whole_answers(run, printed_beside(resources.store(), run, cell), sample)
    if len(_read(forms)) > 1:
        st.markdown(f"**{t('reader.every_form', n=len(_read(forms)))}**")
        st.dataframe(
            form_table(_read(forms), row, words),
            hide_index=True,
            key="answer_forms",
            column_config={t("chart.option"): st.column_config.TextColumn(pinned=True, width="medium")},
        )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('reader.this')}** · {plain(form_words(row, words))}")
        show_one(row, words, "this")
    with right:
        if other is not None and other_cell is not None:
            theirs = data.whole_answers(other, [other_cell], sample)
            st.markdown(f"**{t('reader.in_other', run=plain(other))}**")
            if theirs:
                show_one(theirs[0], words, "other")
            return
        _show_other_form(forms, row, words)


def _show_other_form(forms: Sequence[Response], row: Response, words: dict[int, str]) -> None:
    rest = {form.cell_id: form for form in forms if form.cell_id != row.cell_id}
    if not rest:
        st.caption(t("reader.one_form"))
        return
    names = {cell: form_words(form, words) for cell, form in rest.items()}
    turned = [cell for cell, form in rest.items() if form.codes == row.codes[::-1] and form.kind == row.kind]
    if st.session_state.get("beside") not in rest:
        st.session_state["beside"] = (turned or list(rest))[0]
    beside = st.selectbox(t("reader.beside"), list(rest), format_func=lambda name: names[name], key="beside")
    show_one(rest[beside], words, "beside")


def show_one(row: Response, words: dict[int, str], key: str) -> None:
    """The response to one prompt, its likely first words and the prompt."""
    facts = [word("run_outcome", row.outcome)]
    if row.valid_mass is not None:
        facts.append(t("reader.mass_of", share=percent(row.valid_mass, 1)))
    facts += [row.tag] if row.tag else []
    st.caption(" · ".join(plain(fact) for fact in facts))
    if row.outcome == "error":
        st.markdown(f"{word('error_kind', row.error_kind or 'error')}")
        st.code(visible(row.error_text or ""), language=None, wrap_lines=True)
    elif row.kind == "options" and row.mass:
        st.dataframe(
            pd.DataFrame({"option": [words.get(code, str(code)) for code in row.codes], "share": list(row.mass)}),
            hide_index=True,
            key=f"answer_{key}",
            column_config={
                "option": st.column_config.TextColumn(t("reader.as_printed"), width="medium"),
                "share": st.column_config.ProgressColumn(
                    t("words.probability"), min_value=0, max_value=1, format="percent"
                ),
            },
        )
    if row.text:
        st.markdown(f"**{t('reader.written')}**")
        st.code(row.text, language=None, wrap_lines=True)
    likely = likely_words(row.top_tokens)
    if likely:
        st.markdown(f"**{t('details.tokens')}**")
        st.markdown(" · ".join(paired(f"“{plain(shown_word(text))}”", percent(share, 1)) for text, share in likely))
    st.markdown(f"**{t('details.prompt')}**")
    st.code(row.rendered_prompt or "–", language=None, wrap_lines=True)
    st.caption(
        t(
            "reader.made",
            when=moment(row.created),
            prompt=plain(row.prompt_version),
            revision=plain(row.model_revision or t("runs.revision_unknown")),
            cell=plain(row.cell_id),
            sample=number(row.sample + 1),
        )
    )


def likely_words(stored: str) -> list[tuple[str, float]]:
    """The likely first words of a stored answer with their probabilities; none where nothing was stored."""
    try:
        found = json.loads(stored or "[]")
    except json.JSONDecodeError:
        return []  # a mailed run may contain anything; the prompt and the answer are still shown
    pairs = [one for one in found if isinstance(one, list) and len(one) == 2] if isinstance(found, list) else []
    return [(str(text), float(share)) for text, share in pairs[:MOST_WORDS] if isinstance(share, int | float)]


def shown_word(text: str) -> str:
    """A likely word in which new lines, and words of only spaces, are made visible."""
    marked = text.replace("\u240a", "↵")
    return marked if marked.strip() else "␣" * len(marked)


def form_words(row: Response, words: dict[int, str]) -> str:
    """The printed form of a prompt: its first option and its labels."""
    if row.kind != "options" or not row.codes:
        return t("reader.text_form")
    style = "numbers" if "/numbers" in row.prompt_version else "letters"
    first = words.get(row.codes[0], str(row.codes[0]))
    first = first if len(first) <= LONGEST_FIRST else f"{first[: LONGEST_FIRST - 1]}…"
    return t("reader.form", first=first, labels=term("reader_labels", style))


def form_table(forms: Sequence[Response], row: Response, words: dict[int, str]) -> pd.DataFrame:
    """Each option's share, 0..1 after renormalising, in every form; the option printed first is marked."""
    table: dict[str, list[str]] = {t("chart.option"): [words.get(code, str(code)) for code in sorted(row.codes)]}
    for form in forms:
        shares = dict(zip(form.codes, form.mass, strict=True))
        whole = sum(form.mass)
        name = form_words(form, words)
        while name in table:
            name += "\u2009"
        table[f"▶ {name}" if form.cell_id == row.cell_id else name] = [
            percent(shares[code] / whole) + (" ①" if code == form.codes[0] else "") if code in shares else "–"
            for code in sorted(row.codes)
        ]
    return pd.DataFrame(table)


def _read(forms: Sequence[Response]) -> list[Response]:
    return [form for form in forms if form.kind == "options" and form.mass and sum(form.mass) > 0]
