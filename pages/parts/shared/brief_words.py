"""Texts of the first page of each brief, and texts that several briefs share."""

from collections.abc import Sequence

import pandas as pd

from core.brief import Figure, FirstPage, plain_lines
from core.brief.model import MOST_LIMITS
from core.findings import china_west
from core.findings.china_west import LEAST_LEAN, Measure
from core.findings.confidence import MOST_FINDINGS, Stated, line, stated
from core.findings.wording import Figure as Estimate
from core.findings.wording import decimals, difference_words
from pages.parts.shared.texts import t, term, texts


def first_page(
    page: str,
    bottom: Stated,
    findings: Sequence[Stated],
    figures: Sequence[Figure],
    **words: str,
) -> FirstPage:
    """The first page of the brief of ``page``.

    It has the bottom line, the first of ``findings`` and of ``figures``, the first limits of the page, and questions to
    put to a vendor, whose places ``words`` fill.
    """
    plain = [one._replace(text=" ".join(plain_lines(one.text))) for one in (bottom, *findings)]
    return FirstPage(
        bottom=plain[0],
        findings=tuple(plain[1 : MOST_FINDINGS + 1]),
        figure=figures[0] if figures else None,
        limits=limits(page)[:MOST_LIMITS],
        questions=(*plain_lines(term("vendor", page, **words)), *plain_lines(term("vendor", "all"))),
    )


def limits(page: str) -> tuple[str, ...]:
    """What the brief of ``page`` cannot tell, then what no brief can tell."""
    return (*plain_lines(term("brief_limits", page)), *plain_lines(term("brief_limits", "all")))


def measured_as(language: str, told: str) -> str:
    """A sentence that says in which prompt language, and as which person, the model was asked."""
    return t("brief.measured_as", language=term("language", language), told=told)


def towards() -> tuple[str, str]:
    """The names of the two publics: the one below 0 of a lean and the one above."""
    return term("cw_side", "CHN"), term("cw_side", "USA")


def lean_lines(
    answers: pd.DataFrame, frame: pd.DataFrame, language: str, persona: str, measure: Measure
) -> tuple[Stated, list[Stated]]:
    """The bottom line and the findings of a brief about leans.

    Where the measure has an answer without values, the bottom line is the mean distance beyond that answer; else it is
    the mean. ``frame`` has the places of the models of ``answers``.
    """
    together = china_west.overall(answers, language, persona, measure).set_index("group")
    words = {name: int(together.loc["all", name]) for name in ("models", "developers")}
    words |= {"unit": term("brief_unit", measure)}
    mean = _line("mean", together.loc["all"], measure, **words)
    groups = china_west.origins(answers, language, persona, measure).set_index("group")
    findings = [mean]
    if "difference" in groups.index:
        figure = _figure(groups.loc["difference"], measure)
        findings.append(
            stated(texts(), difference_words(texts(), figure, towards(), reasons=False), figure, decimals(2))
        )
    if pd.isna(together.loc["beyond", "mean"]):
        return mean, findings[1:]
    counts = china_west.measure_counts(frame).set_index("measure").loc[measure]
    near = {"clear": int(counts["clear_usa"]), "near": int(counts["near_usa"]), "total": int(counts["models"])}
    return _line("lean", together.loc["beyond"], measure, **near, **words), findings


def side_lines(groups: pd.DataFrame, measure: Measure) -> list[Stated]:
    """The findings on where the models of each origin stand; ``groups`` is the frame of origins."""
    known = groups[groups["group"].isin(("China", "West")) & groups["mean"].notna()]
    unit = term("brief_unit", measure)
    return [
        _line(
            "side",
            row,
            measure,
            group=term("cw_group", row["group"]),
            models=int(row["measured"]),
            developers=int(row["developers"]),
            unit=unit,
        )
        for _, row in known.iterrows()
    ]


def _figure(row: pd.Series, measure: Measure) -> Estimate:
    return Estimate(*(float(row[name]) for name in ("mean", "low", "high")), least=LEAST_LEAN[measure])


def _line(key: str, row: pd.Series, measure: Measure, **words: object) -> Stated:
    return line(texts(), key, _figure(row, measure), decimals(2), **words)
