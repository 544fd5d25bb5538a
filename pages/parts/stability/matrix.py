"""Every dilemma in every variant, and the details of one."""

from collections.abc import Hashable

import pandas as pd
import streamlit as st

from core.charts.stability import choice_matrix
from core.text import plain
from pages.parts.shared import links, resources
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.dilemmas import corpus, title_of
from pages.parts.shared.names import model_name
from pages.parts.shared.texts import percent, t, term
from pages.parts.stability.data import Source, cells_of, column_name, mark, table

ANY = "any"
BOTH = "both"
MOST_COLUMNS = 16


def show_matrix(readings: pd.DataFrame, model: str, run: Source, place: str) -> None:
    """Dilemmas as rows, variants as columns, of one model; by domain, because 88 rows are many for a phone."""
    mine = cells_of(readings[readings["model_id"] == model])
    choices = mine.groupby("dilemma")["mark"].agg(lambda marks: set(marks) in ({"a"}, {"b"}))
    finding = t("stability.matrix_title", model=model_name(model), same=int(choices.sum()), total=len(choices))
    st.markdown(f"**{plain(finding)}**")
    domains = [ANY, *dict.fromkeys(mine["domain"])]
    key = f"domain{place}"
    links.restore_one(key, domains, domains[1])
    if st.session_state[key] not in domains:
        st.session_state[key] = domains[1]
    domain = st.selectbox(
        t("stability.matrix_domain"), domains, format_func=lambda name: term("dilemma_domain", name), key=key
    )
    part = mine if domain == ANY else mine[mine["domain"] == domain]
    part = _one_language(part, place)
    block = _block(part, finding, (*run.of, model, domain), run.words, place)
    show_chart(block)
    show_table(lambda: block.frame.rename(columns={"row": t("stability_chart.dilemma")}), block.key)


def usual_block(readings: pd.DataFrame, model: str, run: Source, place: str) -> Block:
    """The chart of :func:`show_matrix` before anything is chosen."""
    mine = cells_of(readings[readings["model_id"] == model])
    domain = mine["domain"].iloc[0]
    part = mine[mine["domain"] == domain]
    usual = _usual_language(part)
    part = part if usual == BOTH else part[part["language"] == usual]
    return _block(part, "", (*run.of, model, domain), run.words, place)


def _block(part: pd.DataFrame, finding: str, of: tuple[Hashable, ...], source: str, place: str) -> Block:
    known, _ = corpus()
    frame = part.assign(row=[title_of(name, known) for name in part["dilemma"]])
    wide = frame.pivot_table(index="row", columns="column", values="mark", aggfunc="first", sort=False).reset_index()
    languages = tuple(dict.fromkeys(frame["language"]))

    def draw(palette, t):
        return choice_matrix(frame, palette, t)

    note = t("stability.matrix_help")
    return Block(f"stability_matrix{place}", finding, draw, wide, source, note=note, of=(*of, languages))


def _usual_language(part: pd.DataFrame) -> str:
    names = list(dict.fromkeys(part["language"]))
    return names[0] if len(names) < 2 or part["column"].nunique() > MOST_COLUMNS else BOTH


def _one_language(part: pd.DataFrame, place: str) -> pd.DataFrame:
    """Columns of one language where both languages would be too many for a narrow screen; all on request."""
    names = list(dict.fromkeys(part["language"]))
    if len(names) < 2:
        return part
    key = f"mlang{place}"
    options = [*names, BOTH]
    links.restore_one(key, options, _usual_language(part))
    if st.session_state[key] not in options:
        st.session_state[key] = BOTH
    words = {name: term("language", name) for name in names} | {BOTH: t("stability.both_languages")}
    chosen = st.segmented_control(
        t("stability.matrix_language"), options, format_func=words.get, key=key, required=True
    )
    return part if chosen == BOTH else part[part["language"] == chosen]


def show_opened(readings: pd.DataFrame, models: list[str]) -> None:
    """Pick one dilemma: each variant's words, probability and mark side by side, and the exact prompt."""
    known, _ = corpus()
    st.subheader(t("stability.opened"), anchor=False)
    ids = list(dict.fromkeys(readings["dilemma"]))
    links.restore_one("d", ids, ids[0])
    if st.session_state["d"] not in ids:
        st.session_state["d"] = ids[0]
    chosen = st.selectbox(
        t("stability.opened_pick"), ids, format_func=lambda name: f"{title_of(name, known)} — {name}", key="d"
    )
    mine = readings[(readings["dilemma"] == chosen) & readings["model_id"].isin(models)]
    show_variants(mine, key="opened")


def show_variants(mine: pd.DataFrame, key: str) -> None:
    """All prompts of one dilemma as a table, then the full words of the picked one."""
    head = mine.iloc[0]
    st.markdown(
        t(
            "stability.opened_values",
            a=term("value", head["value_a"]),
            b=term("value", head["value_b"]),
            ambiguity=term("ambiguity", head["ambiguity"]),
        )
    )
    low, high = (percent(value) for value in (mine["p"].min(), mine["p"].max()))
    if mine["p"].notna().any():
        st.markdown(f"**{t('stability.opened_summary', low=low, high=high, n=len(mine))}**")
    prompts = _prompts(tuple(mine["run_id"].unique()), tuple(mine["cell_id"]))
    frame = mine.assign(
        model_id=mine["model_id"].map(model_name),
        variant=[column_name(a, s, "", 1) for a, s in zip(mine["axis"], mine["step"], strict=True)],
        language=[term("language", name) for name in mine["language"]],
        order=mine["first"],
        mark=[mark(p, v) for p, v in zip(mine["p"], mine["valid_mass"], strict=True)],
        text=[prompts.get(cell, "") for cell in mine["cell_id"]],
    )
    table(frame, ["model_id", "variant", "language", "order", "p", "mark", "valid_mass", "text"], ("p", "valid_mass"))
    cells = list(mine["cell_id"])
    labels = {
        row.cell_id: f"{row.model_id} · {row.variant} · {row.language} · {row.order} · {percent(row.p, 0)}"
        for row in frame.itertuples()
    }
    pick = st.selectbox(t("stability.show_prompt"), cells, format_func=labels.get, key=f"{key}_prompt")
    if pick in prompts:
        st.code(prompts[pick], language=None, wrap_lines=True)


@st.cache_data(show_spinner=False, max_entries=32)
def _prompts(runs: tuple[str, ...], cells: tuple[str, ...]) -> dict[str, str]:
    """The exact prompt of each cell, from the files of its run."""
    return {row.cell_id: row.rendered_prompt for run in runs for row in resources.store().rows(run, list(cells))}
