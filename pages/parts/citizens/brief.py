"""The page of simulated citizens as a brief."""

import pandas as pd

from core.brief import Brief, Figure, FirstPage, plain_lines, run_sources, table_of
from core.findings import wording
from core.findings.confidence import Stated, line, stated, surest
from pages.parts.citizens.data import arm_words
from pages.parts.citizens.detail import checks_table
from pages.parts.citizens.view import ablation, diversity, group_distances
from pages.parts.citizens.words import (
    FEW,
    LEAST_SKILL,
    Compared,
    against_baselines,
    change_figure,
    change_words,
    diversity_words,
    headline,
)
from pages.parts.shared import resources
from pages.parts.shared.brief_words import first_page, limits
from pages.parts.shared.names import country, model_name
from pages.parts.shared.texts import t, term, texts


def citizens_brief(
    arms: pd.DataFrame,
    compared: Compared,
    groups: pd.DataFrame,
    checks: pd.DataFrame,
    language: str,
    source: str,
    run: str,
    questions: str,
) -> Brief:
    """The scores of ``arms`` over all people, ``groups`` of the opened arm, and the rules that were broken.

    ``questions`` says which questions count.
    """
    last = arms.iloc[-1]
    sentences = [headline(last), against_baselines(last)]
    sentences += [change_words(row, compared) for _, row in arms[arms["change"].notna()].iterrows()]
    sentences.append(diversity_words(last))
    sentences.append(questions)
    few = (t("citizens.few", n=int(last["questions"])),) if last["questions"] < FEW else ()
    panels = [ablation(arms, compared, source), diversity(arms, source)]
    if len(groups):
        panels.append(group_distances(groups, source))
    tables = [table_of(panels[0].table, panels[0].block.title)]
    if len(checks):
        tables.append(table_of(checks_table(checks), t("citizens.checks_header"), t("citizens.checks_help")))
    asked = t("brief_citizens.asked_in", language=term("language", language))
    return Brief(
        title=t("citizens.title"),
        first=_first(arms, compared, [panel.block.figure() for panel in panels]),
        finding=tuple(line for text in [*sentences, asked] for line in plain_lines(text)),
        figures=tuple(panel.block.figure() for panel in panels),
        tables=tuple(tables),
        method=plain_lines(t("citizens.how")),
        limits=(*few, *limits("citizens")),
        data=(source,),
        runs=run_sources(resources.store(), [run]),
    )


def _first(arms: pd.DataFrame, compared: Compared, figures: list[Figure]) -> FirstPage:
    """Whether the citizens beat an even guess; then the other baseline, the noise of real people, and the sources."""
    last = arms.iloc[-1]
    names = {"model": model_name(last["model_id"]), "country": country(last["country"])}
    words = {"n": int(last["questions"]), "people": int(last["band_n"])}
    edge = float(last["floor_high"])
    beyond = wording.Figure(*(float(last[name]) - edge for name in ("distance", "distance_low", "distance_high")))
    findings = [
        line(texts(), "rivals", _skill(last, "skill_others"), wording.decimals(2), **words),
        line(texts(), "floor", beyond, wording.decimals(), rising=True, **words),
        *surest([_change(row, compared) for _, row in arms[arms["change"].notna()].iterrows()], 1),
    ]
    bottom = line(texts(), "citizens", _skill(last, "skill_uniform"), wording.decimals(2), **names)
    return first_page("citizens", bottom, findings, figures)


def _skill(row: pd.Series, name: str) -> wording.Figure:
    return wording.Figure(*(float(row[f"{name}{end}"]) for end in ("", "_low", "_high")), least=LEAST_SKILL)


def _change(row: pd.Series, compared: Compared) -> Stated:
    figure = change_figure(row, compared)
    text = wording.arm_words(texts(), arm_words(row["arm"]), figure, int(row["questions"]), 0.0, reasons=False)
    return stated(texts(), text, figure, wording.decimals())
