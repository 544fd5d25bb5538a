"""The answers to one question as a brief."""

import pandas as pd

from core.audits.against_people import Comparison
from core.audits.alignment.audit import Reading, readings
from core.brief import Brief, Figure, FirstPage, plain_lines, run_sources, table_of
from core.charts.distance import distance_strip
from core.charts.options import option_bars
from core.findings import wording
from core.findings.confidence import line, surest, unmeasured
from core.runs.jobs import Job
from core.types import Cell, Question, Reference
from pages.parts.probe.frames import number_row, share_frame
from pages.parts.probe.words import (
    card_finding,
    compared_with,
    distance_finding,
    groups_of,
    reference_of,
    strip_row,
)
from pages.parts.shared import resources
from pages.parts.shared.brief_words import first_page, limits
from pages.parts.shared.names import group_label, persona_label, series_label
from pages.parts.shared.texts import paired, t, texts, ui_language

Compared = tuple[str, str, Comparison]
"""An answer's name, the people that it is compared with, and the comparison."""


def probe_brief(question: Question, cells: list[Cell], job: Job | None) -> Brief | None:
    """Cards, strip and numbers of the results of ``job``, or ``None`` where nothing was measured."""
    rows = [result.response for result in job.results()] if job else []
    found = readings(rows, {question.id: question})
    if not found:
        return None
    sentences: list[str] = []
    figures: list[Figure] = []
    numbers: list[dict[str, object]] = []
    strips: list[dict[str, object]] = []
    comparisons: list[Compared] = []
    for persona in groups_of(question, cells):
        mine = [r for r in found if r.persona == persona or r.persona.is_empty]
        given = reference_of(question, persona)
        reference = given if isinstance(given, Reference) else None
        if not mine:
            continue
        sentence = paired(persona_label(persona), card_finding(question, persona, reference, mine))
        sentences.append(sentence)
        figures.append(_bars(share_frame(question, reference, mine), sentence))
        for reading in mine:
            name = series_label(reading, len({r.language for r in found}) > 1)
            who = group_label(reference) if reference else persona_label(persona)
            compared = compared_with(question, given, reading)
            numbers.append(number_row(who, name, reading, compared))
            if compared is not None:
                comparisons.append((name, who, compared))
                strips.append(strip_row(who, name, reading, compared))
    if strips:
        frame = pd.DataFrame(strips)
        sentences.append(distance_finding(frame))
        figures.insert(0, _strip(frame))
    return Brief(
        title=question.stem.get(ui_language()),
        first=_first(comparisons, sentences, figures),
        finding=tuple(sentences),
        figures=tuple(figures),
        tables=(table_of(_short(pd.DataFrame(numbers)), t("answers.numbers")),),
        method=plain_lines(t("probe.how")),
        limits=limits("probe"),
        data=(t("answers.source"),) if question.survey else (),
        runs=run_sources(resources.store(), _known(found, rows)),
    )


def _first(comparisons: list[Compared], sentences: list[str], figures: list[Figure]) -> FirstPage:
    """How many answers are nearer to people than an even guess, and each of them, the nearest first."""
    if not comparisons:
        return first_page("probe", unmeasured(texts(), sentences[0]), (), figures)
    ordered = sorted(comparisons, key=lambda one: -_ahead(one[2]).mean)
    figure = _ahead(ordered[0][2])
    k = sum(_ahead(one).low > 0 for _, _, one in comparisons)
    words = {"model": ordered[0][0], "k": k, "total": len(comparisons)}
    bottom = line(texts(), "nearest", figure, wording.decimals(), **words)
    lines = [
        line(texts(), "near", _ahead(one), wording.decimals(), model=name, people=who) for name, who, one in ordered
    ]
    return first_page("probe", bottom, surest(lines), figures)


def _ahead(found: Comparison) -> wording.Figure:
    """How much nearer to people an answer is than an even guess.

    Its ends allow for the noise of the people themselves: the error of a distance is at most the distance of the
    people's own sample from the people.
    """
    ahead = found.uniform - found.distance
    return wording.Figure(ahead, ahead - found.floor_high, ahead + found.floor_high)


def _known(found: list[Reading], rows: list) -> list[str]:
    kept = set(resources.store().runs()["run_id"])
    return [name for name in dict.fromkeys(row.run_id for row in rows) if name in kept]


def _short(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that fit on paper: who, answer, distance, baselines, floor, skill, valid mass, method, when."""
    keep = [
        t("numbers.who"),
        t("numbers.answer"),
        t("numbers.distance"),
        t("numbers.uniform"),
        t("numbers.others"),
        t("numbers.floor"),
        t("numbers.skill"),
        t("numbers.valid_mass"),
        t("numbers.method"),
        t("numbers.when"),
    ]
    return frame[keep].dropna(axis="columns", how="all")


def _bars(frame: pd.DataFrame, title: str) -> Figure:
    return Figure(title=title, description=title, draw=lambda palette, words: option_bars(frame, palette, words))


def _strip(frame: pd.DataFrame) -> Figure:
    title = distance_finding(frame)
    return Figure(title=title, description=title, draw=lambda palette, words: distance_strip(frame, palette, words))
