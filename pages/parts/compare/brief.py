"""The Compare page as a brief."""

import pandas as pd

from core.brief import Brief, Figure, FirstPage, plain_lines, run_sources, table_of
from core.findings import wording
from core.findings.compare import LEAST
from core.findings.confidence import MOST_FINDINGS, Stated, line, stated
from pages.parts.compare.view import Compared
from pages.parts.compare.words import SHARES, difference_table, place_words
from pages.parts.shared import resources
from pages.parts.shared.brief_words import first_page, limits
from pages.parts.shared.texts import listed, paired, percent, t, term, texts

MOST_FIGURES = 4
TOP_ROWS = 8
TOP_PLACES = 7


def compare_brief(
    head: str,
    shown: list[Compared],
    found: pd.DataFrame,
    names: dict[str, str],
    pinned: str,
    runs: list[str],
    questions: str,
) -> Brief:
    """What differs most, the charts of each audit that has data, and the runs behind them.

    ``questions`` says which questions count.
    """
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
        first=_first(head, shown, found, names, pinned),
        finding=(head, sides, *sentences, questions),
        figures=tuple(figures[:MOST_FIGURES]),
        tables=(table_of(difference_table(found, names), t("compare.most"), t("compare.most_help"), TOP_ROWS),),
        method=plain_lines(t("compare.how")),
        limits=limits("compare"),
        data=(t("compare.source"),),
        runs=run_sources(resources.store(), runs),
    )


def _first(head: str, shown: list[Compared], found: pd.DataFrame, names: dict[str, str], pinned: str) -> FirstPage:
    """What differs most, and the differences of the audit with the largest one."""
    rows = [row for _, row in found.iterrows()]
    tests = found["audit"].value_counts()
    part = next(part for part in shown if part.audit == rows[0]["audit"])
    chief = Figure(
        title=part.sentence, description=part.sentence, draw=part._replace(apart=_top(part.apart)).draw_apart
    )
    lines = [_apart(row, int(tests[row["audit"]]), names, pinned) for row in rows[:MOST_FINDINGS]]
    form, figure = _form(rows[0]["audit"]), _figure(rows[0], int(tests[rows[0]["audit"]]))
    return first_page("compare", stated(texts(), head + t("brief.stop"), figure, form), lines, [chief])


def _apart(row: pd.Series, tests: int, names: dict[str, str], pinned: str) -> Stated:
    audit = row["audit"]
    words = {"audit": term("compare_audit", audit), "place": place_words(audit, row["place"])}
    words |= {"side": names[row["side"]], "pinned": names[pinned]}
    return line(texts(), "apart", _figure(row, tests), _form(audit), n=int(row["n"]), **words)


def _figure(row: pd.Series, tests: int) -> wording.Figure:
    numbers = (float(row[name]) for name in ("difference", "low", "high", "p_adjusted"))
    return wording.Figure(*numbers, tests=tests, least=LEAST)


def _form(audit: str) -> wording.Form:
    return (lambda value: percent(value, 1, signed=True)) if audit in SHARES else wording.decimals()


def _top(points: pd.DataFrame) -> pd.DataFrame:
    """The places that differ most, which come first; paper has no room for all of them."""
    return points[points["place"].isin(points["place"].unique()[:TOP_PLACES])]
