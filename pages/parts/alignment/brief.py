"""The Alignment page as a brief."""

from collections.abc import Sequence

import pandas as pd

from core.audits.alignment.scores import persona_key
from core.brief import Brief, Figure, FirstPage, plain_lines, run_sources, table_of
from core.charts.alignment import skill_intervals, skill_matrix
from core.findings import wording
from core.findings.confidence import Stated, line, surest
from pages.parts.alignment.view import LEAST_SKILL, matrix_finding, matrix_frame, matrix_table, measured
from pages.parts.shared import resources
from pages.parts.shared.brief_words import first_page, limits, measured_as
from pages.parts.shared.names import country, model_name, model_side
from pages.parts.shared.texts import span, t, term, texts


def alignment_brief(
    frame: pd.DataFrame,
    scores: pd.DataFrame,
    table: pd.DataFrame,
    language: str,
    asked: str,
    measure: str,
    model: str,
    notes: Sequence[str] = (),
) -> Brief:
    """The matrix, the countries of ``model``, and the runs with the answers behind ``scores``.

    ``notes`` are sentences, as Markdown, on the questions that count and those left out.
    """
    shown = matrix_frame(frame, measure)
    own = _alike(measured(frame[frame["model_id"] == model], measure)).sort_values("value", ascending=False)
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
        *(plain_lines(sentence)[0] for sentence in notes),
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
    side = model_side(model)
    figures = (
        Figure(
            title=matrix_finding(shown, measure),
            description=matrix_finding(shown, measure),
            draw=lambda palette, words: skill_matrix(shown, palette, words),
        ),
        Figure(
            title=by_country,
            description=by_country,
            draw=lambda palette, words: skill_intervals(own, palette, words, term("measure", measure), side),
            note=t("alignment.floor_help"),
        ),
    )
    return Brief(
        title=t("alignment.title"),
        first=_first(frame, measure, figures),
        finding=finding,
        figures=figures,
        tables=(
            table_of(_paper(matrix_table(shown)), t("alignment.table"), plain_lines(t("alignment.table_help"))[0]),
        ),
        method=plain_lines(t("alignment.how")),
        limits=limits("alignment"),
        data=(t("representation.source"),),
        runs=run_sources(resources.store(), used["run_id"].unique()),
    )


def _paper(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` without the columns on the published measure and the source, for which paper has no room."""
    left_out = [t("alignment.published_uniform"), t("alignment.published_others"), term("measure", "published")]
    return table.drop(columns=[*left_out, t("alignment.source")])


def _first(frame: pd.DataFrame, measure: str, figures: tuple[Figure, ...]) -> FirstPage:
    """How many pairs beat the baseline; the best and the worst pair, and the best against the other countries."""
    shown, rivals = matrix_frame(frame, measure), matrix_frame(frame, "skill_others")
    best, worst = _best(shown), _alike(shown).sort_values("value", kind="stable").iloc[0]
    cells = [("cell", best, measure), ("cell", worst, measure), ("cell", _best(rivals), "skill_others")]
    bottom = _line("align", best, len(shown), measure, k=int(shown["better"].sum()), total=len(shown))
    findings = surest([_line(key, row, len(shown), by) for key, row, by in cells])
    return first_page("alignment", bottom, findings, figures, country=worst["place"])


def _alike(shown: pd.DataFrame) -> pd.DataFrame:
    """The pairs with the same questions; all pairs where no two have the same."""
    alike = shown[shown["comparable"]]
    return alike if len(alike) else shown


def _best(shown: pd.DataFrame) -> pd.Series:
    """The best of the pairs that clearly beat the baseline, or the best of all where none does."""
    alike = _alike(shown)
    clear = alike[alike["better"]]
    among = clear if len(clear) else alike
    return among.loc[among["value"].idxmax()]


def _line(key: str, row: pd.Series, tests: int, measure: str, **words: int) -> Stated:
    numbers = (float(row[name]) for name in ("value", "low", "high", "p"))
    figure = wording.Figure(*numbers, tests=tests, least=LEAST_SKILL)
    names = {"model": row["model"], "country": row["place"], "baseline": term("brief_baseline", measure)}
    return line(texts(), key, figure, wording.decimals(2), n=int(row["questions"]), **names, **words)
