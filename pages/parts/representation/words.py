"""Groups, gaps and findings of the Representation page in words."""

import pandas as pd
import streamlit as st

from core.audits.representation.audit import LEAST_GAP
from core.findings.wording import Figure, gap_words, youth_words
from core.text import plain
from pages.parts.representation.data import youth_claim
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.names import country, group_words, model_name
from pages.parts.shared.readings import State
from pages.parts.shared.texts import t, term, texts

FEW = 20
"""Below this many questions the page says that they are few."""


def contrast_figure(contrast: pd.Series) -> Figure:
    """The widest contrast of a dimension; its p-value already allows for all pairs of groups."""
    numbers = (float(contrast[name]) for name in ("difference", "low", "high", "p"))
    return Figure(*numbers, tests=int(contrast["groups"]), least=LEAST_GAP)


def contrast_names(contrast: pd.Series, model: str, place: str) -> dict[str, str]:
    """Model, near and far group, country and dimension of a contrast in words."""
    return {
        "model": model_name(model),
        "near": group_words(contrast["near"]),
        "far": group_words(contrast["far"]),
        "country": country(place),
        "dimension": term("dimension", contrast["dimension"]),
    }


def finding(contrast: pd.Series, model: str, place: str) -> str:
    """One sentence per dimension: who is nearer, by how much, over how many questions, and what the data can show."""
    names = contrast_names(contrast, model, place)
    n, batteries = int(contrast["questions"]), int(contrast["batteries"])
    text = gap_words(texts(), contrast_figure(contrast), names, n, bool(contrast["clear"]), batteries)
    text += " " + t("representation.finding_tests", n=int(contrast["tests"]))
    if not contrast["told_apart"]:
        text += " " + t("representation.finding_alike")
    if contrast["questions"] < FEW:
        text += " " + t("representation.finding_few", n=int(contrast["questions"]))
    return text


def claim_words(row: pd.Series) -> str:
    """The result of one model and country for the claim on younger people, as Markdown."""
    names = {"model": plain(model_name(row["model_id"])), "country": country(row["country"])}
    names["language"] = term("language", row["language"])
    numbers = (float(row[name]) for name in ("net", "net_low", "net_high", "p_adjusted"))
    figure = Figure(*numbers, tests=int(row["tests"]), least=LEAST_GAP)
    return youth_words(texts(), figure, bool(row["flagged"]), names, int(row["questions"]))


@st.cache_data(show_spinner=False, max_entries=8)
def claim_lines(state: State, kinds: Kinds, interface: str) -> str:
    """:func:`claim_words` of each row as a list in Markdown, in the language ``interface``; empty without rows."""
    return "\n".join(f"- {claim_words(row)}" for _, row in youth_claim(state, kinds).iterrows())
