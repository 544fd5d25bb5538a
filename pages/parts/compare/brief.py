"""The Compare page as a brief."""

import pandas as pd

from core.brief import Brief, Figure, plain_lines, run_sources, table_of
from pages.parts.compare.view import Compared
from pages.parts.compare.words import difference_table
from pages.parts.shared import resources
from pages.parts.shared.brief_words import limits
from pages.parts.shared.texts import listed, paired, t, term

MOST_FIGURES = 4
TOP_ROWS = 8
TOP_PLACES = 7


def compare_brief(
    head: str, shown: list[Compared], found: pd.DataFrame, names: dict[str, str], pinned: str, runs: list[str]
) -> Brief:
    """What differs most, the charts of each audit that has data, and the runs behind them."""
    figures = []
    for part in shown:
        name = term("compare_audit", part.audit)
        figures.append(
            Figure(
                title=paired(name, term("compare_axis", part.measure)),
                description=part.sentence,
                draw=part._replace(points=_top(part.points)).draw_points,
                note=term("compare_points_help", part.measure),
            )
        )
    sides = t("compare.brief_sides", pinned=names[pinned], sides=listed(v for k, v in names.items() if k != pinned))
    sentences = [paired(term("compare_audit", part.audit), part.sentence) for part in shown]
    return Brief(
        title=t("compare.title"),
        finding=(head, sides, *sentences),
        figures=tuple(figures[:MOST_FIGURES]),
        tables=(table_of(difference_table(found, names), t("compare.most"), t("compare.most_help"), TOP_ROWS),),
        method=plain_lines(t("compare.how")),
        limits=limits("compare"),
        data=(t("compare.source"),),
        runs=run_sources(resources.store(), runs),
    )


def _top(points: pd.DataFrame) -> pd.DataFrame:
    """The places that differ most, which stand first; paper has no room for all of them."""
    return points[points["place"].isin(points["place"].unique()[:TOP_PLACES])]
