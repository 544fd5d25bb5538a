"""The page of simulated citizens as a brief."""

import pandas as pd

from core.brief import Brief, plain_lines, run_sources, table_of
from pages.parts.citizens.detail import checks_table
from pages.parts.citizens.view import ablation, diversity, group_distances
from pages.parts.citizens.words import FEW, Compared, against_baselines, change_words, diversity_words, headline
from pages.parts.shared import resources
from pages.parts.shared.brief_words import limits
from pages.parts.shared.texts import t, term


def citizens_brief(
    arms: pd.DataFrame,
    compared: Compared,
    groups: pd.DataFrame,
    checks: pd.DataFrame,
    language: str,
    source: str,
    run: str,
) -> Brief:
    """What ``arms`` score over all people, ``groups`` of the arm that is opened, and the rules that were broken."""
    last = arms.iloc[-1]
    sentences = [headline(last), against_baselines(last)]
    sentences += [change_words(row, compared) for _, row in arms[arms["change"].notna()].iterrows()]
    sentences.append(diversity_words(last))
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
        finding=tuple(line for text in [*sentences, asked] for line in plain_lines(text)),
        figures=tuple(panel.block.figure() for panel in panels),
        tables=tuple(tables),
        method=plain_lines(t("citizens.how")),
        limits=(*few, *limits("citizens")),
        data=(source,),
        runs=run_sources(resources.store(), [run]),
    )
