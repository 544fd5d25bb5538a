"""The Claims page as a brief."""

import pandas as pd

from core.brief import Brief, plain_lines, run_sources, table_of
from core.findings.claims.sources import rules_of
from core.findings.claims.verdicts import DEVELOPERS, ITEMS, MODELS, Outcome
from pages.parts.claims.brief_first import claims_first
from pages.parts.claims.sources import stream_name, unit
from pages.parts.claims.words import effect_words, least_words, overview
from pages.parts.shared import resources
from pages.parts.shared.brief_words import limits
from pages.parts.shared.texts import t, term


def claims_brief(outcomes: dict[str, Outcome], head: str, runs: list[str]) -> Brief:
    """All verdicts with their n, the evidence behind each, and the rule."""
    texts = [head, t("claims.summary_help")]
    return Brief(
        title=t("claims.title"),
        first=claims_first(outcomes),
        finding=tuple(line for text in texts for line in plain_lines(text)),
        tables=(
            table_of(overview(outcomes), t("claims.brief_verdicts"), t("claims.overview_help")),
            table_of(evidence_table(outcomes), t("claims.evidence")),
        ),
        method=plain_lines(t("claims.rule", models=MODELS, developers=DEVELOPERS, items=ITEMS)),
        limits=limits("claims"),
        data=(t("start.source"),),
        runs=run_sources(resources.store(), runs),
    )


def evidence_table(outcomes: dict[str, Outcome]) -> pd.DataFrame:
    """One row per body of evidence: its effect, the smallest one that matters, and its n."""
    rows = []
    for claim, outcome in outcomes.items():
        for stream, judgement in outcome.streams.items():
            effect, rule = judgement.effect, rules_of(claim)[stream]
            rows.append(
                {
                    t("claims.column_claim"): term("claim", claim),
                    t("claims.column_evidence"): stream_name(stream),
                    t("claims.column_value"): "–" if pd.isna(effect.mean) else effect_words(claim, stream, effect),
                    t("claims.column_least"): least_words(claim, stream, rule),
                    t("claims.column_unit"): unit(claim, stream),
                    t("claims.column_models"): effect.models,
                    t("claims.column_developers"): effect.developers,
                    t("claims.column_questions"): effect.items,
                }
            )
    return pd.DataFrame(rows)
