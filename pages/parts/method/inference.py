"""Uncertainty of numbers: each rule with its formula, and the coverage of its intervals in simulated worlds."""

import json
from typing import Any

import pandas as pd
import streamlit as st

from core.settings import DATA
from pages.parts.shared.texts import number, percent, t, term

COVERAGE = DATA / "method" / "coverage.json"
BY_LIKENESS = ("mean", "skill", "share", "percentile", "false_findings", "false_contrasts")


@st.cache_data(show_spinner=False)
def coverage() -> dict[str, Any]:
    """The results of ``tests/bench/coverage.py``: date, worlds, and shares by rule."""
    found: dict[str, Any] = json.loads(COVERAGE.read_text(encoding="utf-8"))
    return found


def coverage_table(rules: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Coverage by likeness within batteries, one row per rule."""
    rows = []
    for rule in BY_LIKENESS:
        cells = {t("method.icc", icc=icc): percent(share, 1) for icc, share in rules[rule].items()}
        rows.append({t("method.rule"): term("coverage_rule", rule), **cells})
    return pd.DataFrame(rows)


def other_table(rules: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Coverage of the rules that do not use batteries."""
    rows = [
        {t("method.rule"): term("coverage_rule", rule, n=n), t("method.coverage"): percent(share, 1)}
        for rule in ("small", "excess", "false_turns", "two_way")
        for n, share in rules[rule].items()
    ]
    return pd.DataFrame(rows)


def show_inference() -> None:
    """Rules, formulas and coverage."""
    found = coverage()
    st.header(t("method.inference_title"), anchor=False)
    st.markdown(t("method.inference", worlds=number(found["worlds"]), date=found["date"]))
    st.markdown(t("method.batteries"))
    st.latex(r"s^2=\frac{G-1}{G}\sum_g\left(\hat\theta_{(-g)}-\bar\theta_{(\cdot)}\right)^2")
    st.latex(r"\hat\theta\pm t_{G^*-1}\,s,\qquad G^*=\frac{(\sum_g n_g)^2}{\sum_g n_g^2}")
    st.markdown(t("method.signs"))
    st.latex(r"p=\frac{1}{2^G}\,\#\left\{\epsilon:\left|\sum_g\epsilon_g d_g\right|\ge\left|\sum_g d_g\right|\right\}")
    st.markdown(t("method.nets"))
    st.latex(r"\mathrm{net}_g=\mathrm{gap}_g(\mathrm{model})-\mathrm{gap}_g(\mathrm{baseline})")
    st.latex(r"\mathrm{gap}_g=d(q,p_g)-\frac{1}{G-1}\sum_{h\ne g}d(q,p_h)")
    st.markdown(t("method.orders"))
    st.latex(r"\mathrm{excess}=(\bar p-\bar q)^2-v_{\bar p}-v_{\bar q},\qquad\bar p=\tfrac12(p_{ab}+p_{ba})")
    st.markdown(t("method.moves"))
    st.latex(r"\mathrm{content}=\frac{\sum_q N_q\,\|\bar a_q-\tfrac1K\|^2}{\sum_q\sum_i\|a_{qi}-\tfrac1K\|^2}")
    st.markdown(t("method.shared"))
    st.markdown(t("method.publics"))
    st.latex(r"V=V_{\mathrm{questions}}+V_{\mathrm{developers}}-V_{\mathrm{both}}")
    st.markdown(t("method.map"))
    st.latex(r"\mathrm{off}=\sqrt{\tfrac1n\left\|z-A^{\top}Az\right\|^2}")
    st.markdown(t("method.words"))
    st.markdown(t("method.confidence"))
    st.markdown(f"**{t('method.coverage')}**")
    st.dataframe(coverage_table(found["rules"]), hide_index=True, key="coverage")
    st.dataframe(other_table(found["rules"]), hide_index=True, key="coverage_other")
