"""What models taken together say of the two publics, as statements: the first page of two briefs."""

import pandas as pd

from core.findings import china_west
from core.findings.china_west import LEAST_LEAN, Measure
from core.findings.confidence import Stated, line, stated
from core.findings.wording import Figure, decimals, difference_words
from pages.parts.shared.texts import term, texts


def towards() -> tuple[str, str]:
    """The publics below and above 0 of a lean."""
    return term("cw_side", "CHN"), term("cw_side", "USA")


def lean_lines(
    answers: pd.DataFrame, frame: pd.DataFrame, language: str, persona: str, measure: Measure
) -> tuple[Stated, list[Stated]]:
    """The bottom line, beyond an answer without values where the measure has one; then the findings.

    ``frame`` holds the places of the models of ``answers``.
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
    near = {"near": int(counts["near_usa"]), "total": int(counts["models"])}
    return _line("lean", together.loc["beyond"], measure, **near, **words), findings


def side_lines(groups: pd.DataFrame, measure: Measure) -> list[Stated]:
    """Where the models of each origin stand, from the frame of origins."""
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


def _figure(row: pd.Series, measure: Measure) -> Figure:
    return Figure(*(float(row[name]) for name in ("mean", "low", "high")), least=LEAST_LEAN[measure])


def _line(key: str, row: pd.Series, measure: Measure, **words: object) -> Stated:
    return line(texts(), key, _figure(row, measure), decimals(2), **words)
