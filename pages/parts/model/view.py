"""A model's card on the screen: facts, what was measured, what moves its answers, and the limits."""

import pandas as pd
import streamlit as st

from core.audits.alignment.decomposition import PARTS
from core.findings.card import limits_of
from core.findings.china_west.answers import PUBLISHED
from core.findings.moving import formats_words, moving_words
from core.findings.world import clearly_nearer
from core.text import plain
from core.types import Model
from pages.parts.model.data import AUDITS, Card
from pages.parts.shared.chart_block import show_table
from pages.parts.shared.glossary import explain
from pages.parts.shared.names import country, origin_words, run_title, word
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import day, listed, number, paired, percent, span, t, term, texts

ENDS = 3
"""Places that are named as nearest, and as furthest."""
RESULTS = {"alignment": "from", "representation": "from", "stability": "run", "citizens": "crun", "traces": "from"}
"""Audit -> the name of a run in the link of its page."""


def show_facts(model: Model | None, model_id: str) -> None:
    """The maker, date, size and licence of a model. A published model is not in the catalogue."""
    if model is None:
        st.caption(t("card.published") if model_id.startswith(PUBLISHED) else t("card.unknown"))
        return
    facts = [
        paired(t("models.origin"), origin_words(model.origin)),
        paired(t("models.developer"), model.developer),
        paired(t("models.tuning"), model.tuning or "–"),
        paired(t("models.licence"), model.licence or "–"),
    ]
    if model.parameters is not None:
        facts.insert(2, paired(t("models.parameters"), f"{model.parameters:g}"))
    st.markdown(" · ".join(plain(fact) for fact in facts))


def show_measured(found: Card) -> None:
    """For each audit: how much was asked, when, in which languages, and links to results and answers."""
    if found.runs.empty:
        st.info(t("card.not_measured"), icon=":material/help_center:")
        return
    for audit in AUDITS:
        mine = found.runs[found.runs["kind"] == audit]
        with st.container(border=True):
            st.markdown(f"**{word('run_kind', audit)}**")
            if mine.empty:
                st.caption(t("card.not_measured"))
                continue
            languages = sorted({one for cell in mine["languages"] for one in cell})
            words = t(
                "card.measured",
                answers=int(mine["answers"].sum()),
                questions=int(mine["questions"].max()),
                runs=len(mine),
                languages=listed(term("language", name) for name in languages),
                last=day(mine["created"].max()),
            )
            st.markdown(words)
            readings, beside = int(mine["readings"].sum()), int(mine["beside"].sum())
            facts = [t("card.beside", share=percent(beside / readings))] if readings else []
            for name, label in (("refusals", "refusal"), ("invalid", "invalid"), ("errors", "error")):
                if count := int(mine[name].sum()):
                    facts.append(paired(word("run_outcome", label), number(count)))
            st.caption(" · ".join(facts))
            with st.container(horizontal=True):
                for _, row in mine.iterrows():
                    title = plain(run_title(row["run_id"], row["title"], row["kind"]))
                    query = {RESULTS[audit]: row["run_id"]}
                    st.page_link(f"pages/{audit}.py", label=title, icon=":material/monitoring:", query_params=query)
                newest = {"run": mine["run_id"].iloc[0]}
                words = t("card.answers")
                st.page_link("pages/answers.py", label=words, icon=":material/manage_search:", query_params=newest)


def show_parts(found: Card, model_id: str, name: str) -> None:
    """What moves the answers of the model, and how far the formats disagree."""
    parts = found.parts.dropna(subset=["share"])
    if parts.empty:
        st.info(t("card.no_parts"), icon=":material/help_center:")
        return
    first = parts.iloc[0]
    st.markdown(f"**{plain(moving_words(texts(), parts, model_id, name))}**")
    rows = parts.set_index("part").loc[list(PARTS)]
    table = pd.DataFrame(
        {
            t("card.part"): [term("card_part", part.replace(" x ", "_")) for part in PARTS],
            t("card.share"): rows["share"].clip(lower=0).to_numpy(),
            t("card.interval"): [
                f"{percent(low)} – {percent(high)}" for low, high in zip(rows["low"], rows["high"], strict=True)
            ],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key="card_parts",
        column_config={
            t("card.share"): st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent"),
            t("card.part"): st.column_config.TextColumn(width="large"),
        },
    )
    answers, left = int(first["answers"]), int(first["left_out"])
    st.caption(t("card.parts_of", questions=int(first["questions"]), answers=answers, left=left))
    for sentence in formats_words(texts(), found.formats, model_id, name):
        st.markdown(plain(sentence))


def show_nearness(table: pd.DataFrame, model_id: str) -> None:
    """The nearest and the furthest places of the model, and whether that says more than an even guess."""
    if table.empty:
        st.info(t("card.no_nearness"), icon=":material/help_center:")
        return
    clear = clearly_nearer(table)
    words = t("card.nearness", near=listed(country(name) for name in table["name"].head(ENDS)), places=len(table))
    st.markdown(f"{words} {t('card.clear', clear=len(clear), places=len(table))}", help=explain("rank_interval"))
    ends = pd.concat([table.head(ENDS), table.tail(ENDS)]) if len(table) > 2 * ENDS else table
    show_table(lambda: _places(ends), "card_places", t("card.places"), t("card.places_help"))
    if model_id.startswith(PUBLISHED):
        st.caption(source_line("justifiable"))
    with st.container(horizontal=True):
        st.page_link("pages/ranking.py", label=t("card.to_ranking"), icon=":material/format_list_numbered:")
        query = {"wv": "model", "wm": model_id}
        st.page_link("pages/world.py", label=t("card.to_map"), icon=":material/public:", query_params=query)


def _places(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("card.nth"): [f"{row['rank']} [{row['rank_low']}, {row['rank_high']}]" for _, row in rows.iterrows()],
            t("world.country"): rows["name"].map(country),
            t("chart.distance"): [span(r["distance"], r["low"], r["high"], 2) for _, r in rows.iterrows()],
            t("country.net"): [span(r["net"], r["net_low"], r["net_high"], 2, signed=True) for _, r in rows.iterrows()],
        }
    )


def show_limits(found: Card) -> None:
    """What the figures cannot show, each with the figure behind it; then the limits that hold for every model."""
    facts, lines = found.facts, []
    missing = listed(word("run_kind", name) for name in AUDITS if name not in facts.audits)
    values = {
        "unmeasured": {"audits": missing},
        "one_language": {"language": listed(term("language", name) for name in sorted(facts.languages))},
        "beside": {"share": percent(facts.beside or 0.0)},
        "form": {"form": percent(facts.form or 0.0), "content": percent(facts.content or 0.0)},
        "format": {"spread": percent(facts.spread or 0.0)},
        "revision": {"n": facts.revisions},
    }
    for name in limits_of(facts, AUDITS):
        lines.append(f"- {term('card_limit', name, **values.get(name, {}))}")
    st.markdown("\n".join([*lines, t("card.always")]))
