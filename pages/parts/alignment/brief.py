"""The Alignment page as a brief."""

import pandas as pd

from core.audits.alignment.scores import persona_key
from core.brief import Brief, Figure, plain_lines, run_sources, table_of
from core.charts.alignment import skill_intervals, skill_matrix
from pages.parts.alignment.view import matrix_finding, matrix_frame, matrix_table, measured
from pages.parts.shared import resources
from pages.parts.shared.brief_words import limits, measured_as
from pages.parts.shared.names import country, model_name
from pages.parts.shared.texts import span, t, term


def alignment_brief(
    frame: pd.DataFrame,
    scores: pd.DataFrame,
    table: pd.DataFrame,
    language: str,
    asked: str,
    measure: str,
    model: str,
) -> Brief:
    """The matrix, the countries of ``model``, and the runs that the answers behind ``scores`` come from."""
    shown = matrix_frame(frame, measure)
    own = measured(frame[frame["model_id"] == model], measure).sort_values("value", ascending=False)
    own = own.assign(name=own["country"].map(country))
    best, worst = own.iloc[0], own.iloc[-1]
    finding = (
        matrix_finding(shown, measure) + t("brief.stop"),
        t(
            "brief_alignment.ends",
            model=model_name(model),
            best=best["name"],
            best_value=span(*best[["value", "low", "high"]], digits=2, signed=True),
            worst=worst["name"],
            worst_value=span(*worst[["value", "low", "high"]], digits=2, signed=True),
            n=int(own["questions"].median()),
        ),
        measured_as(language, term("told", asked)),
    )
    keys = {persona_key(place, asked) for place in frame["country"]}
    used = table[
        (table["language"] == language)
        & table["persona"].isin(keys)
        & table["model_id"].isin(set(frame["model_id"]))
        & table["question_id"].isin(set(scores["question_id"]))
    ]
    by_country = t("alignment.countries_title", model=model_name(model))
    return Brief(
        title=t("alignment.title"),
        finding=finding,
        figures=(
            Figure(
                title=matrix_finding(shown, measure),
                description=matrix_finding(shown, measure),
                draw=lambda palette, words: skill_matrix(shown, palette, words),
            ),
            Figure(
                title=by_country,
                description=by_country,
                draw=lambda palette, words: skill_intervals(own, palette, words, term("measure", measure)),
                note=t("alignment.floor_help"),
            ),
        ),
        tables=(
            table_of(_paper(matrix_table(shown)), t("alignment.table"), plain_lines(t("alignment.table_help"))[0]),
        ),
        method=plain_lines(t("alignment.how")),
        limits=limits("alignment"),
        data=(t("representation.source"),),
        runs=run_sources(resources.store(), used["run_id"].unique()),
    )


def _paper(table: pd.DataFrame) -> pd.DataFrame:
    """Without the columns on the published measure and the source, for which paper has no room."""
    left_out = [t("alignment.published_uniform"), t("alignment.published_others"), term("measure", "published")]
    return table.drop(columns=[*left_out, t("alignment.source")])
