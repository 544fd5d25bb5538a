"""The stability page as a brief."""

from typing import Any

import pandas as pd

from core.audits.stability.scores import LEAST_EXCESS
from core.brief import Brief, Figure, FirstPage, plain_lines, run_sources, table_of
from core.charts.stability import flip_chart
from core.findings import wording
from core.findings.confidence import CONFIDENCES, Stated, line, surest, unmeasured
from pages.parts.shared import resources
from pages.parts.shared.brief_words import first_page, limits
from pages.parts.shared.names import model_name
from pages.parts.shared.texts import listed, t, term, texts
from pages.parts.stability.data import Shown, set_words
from pages.parts.stability.moving import dilemma_moves, moving_sentences
from pages.parts.stability.overview import AGAIN, axis_figures, axis_finding, axis_frame, group_frame, headline_words
from pages.parts.stability.waves import found_waves, wave_words

COLUMNS = ("model_id", "axis", "flips", "flips_low", "flips_high", "noise", "excess", "agreement", "alpha", "n")


def stability_brief(
    scores: dict[str, pd.DataFrame], models: list[str], runs: pd.DataFrame, run: pd.Series, sources: Shown
) -> Brief:
    """Headlines, flips by axis and by ambiguity, and the waves of ``run``, for ``models`` of the runs ``sources``."""
    sentences = [plain_lines(text)[0] for model in models for _, text in headline_words(scores, model)]
    sentences += [plain_lines(text)[0] for text in set_words(scores)]
    moves = dilemma_moves(*sources, tuple(models))
    sentences += moving_sentences(moves, models, "dilemmas")
    found, dates = found_waves(runs, run)
    mine = [line for line in found.itertuples() if line.model_id in models]
    sentences += [wave_words(line, dates) for line in mine]
    frame = axis_frame(scores, models)
    figures = []
    if len(frame):
        title = axis_finding(frame, models[0]) or t("stability.title")
        figures.append(_figure(frame, title, t("stability.axis_help")))
    by_class, title = group_frame(scores, models, "ambiguity")
    if len(by_class):
        figures.append(_figure(by_class, title or t("stability.title"), t("stability.ambiguity_help")))
    shown = frame.assign(model_id=frame["series"], axis=frame["label"])
    columns = [name for name in COLUMNS if name in shown]
    named = shown[columns].rename(columns={name: term("stability_column", name) for name in columns})
    waves = {name for line in mine for name in (line.before, line.after)}
    return Brief(
        title=t("stability.title"),
        first=_first(scores, frame, models, figures),
        finding=tuple(sentences) or (t("stability.no_readings"),),
        figures=tuple(figures),
        tables=(table_of(named, t("stability.numbers")),) if len(named) else (),
        method=plain_lines(t("stability.how")),
        limits=limits("stability"),
        data=(t("stability.source", run=listed(sources.ids)),),
        runs=run_sources(resources.store(), [*sources.ids, *sorted(waves - set(sources.ids))]),
    )


def _first(scores: dict[str, pd.DataFrame], frame: pd.DataFrame, models: list[str], figures: list[Figure]) -> FirstPage:
    """Whether the models change beyond their own chance; then what changes them, and their bias for a place."""
    if frame.empty:
        return first_page("stability", unmeasured(texts(), t("stability.no_readings")), (), figures)
    again = [_turns(row) for row in frame[frame["axis"] == AGAIN].to_dict("records")]
    axes = [
        _turning("axis", row, figure, axis=row["label"], n=int(row["n"]))
        for model in models
        for row, figure in axis_figures(frame, model)
    ]
    bias = scores["order_bias"]
    places = [_place(row) for row in bias[bias["model_id"].isin(models)].to_dict("records")] if len(bias) else []
    first, *others = sorted(again or axes, key=lambda one: CONFIDENCES.index(one.confidence))
    return first_page("stability", first, surest([*others, *surest(places, 1), *axes]), figures)


def _turns(row: dict[str, Any]) -> Stated:
    numbers = (float(row[name]) for name in ("excess", "excess_low", "excess_high"))
    return _turning("turns", row, wording.Figure(*numbers, least=LEAST_EXCESS))


def _turning(key: str, row: dict[str, Any], figure: wording.Figure, **words: object) -> Stated:
    return line(texts(), key, figure, wording.points(), rising=True, model=row["series"], **words)


def _place(row: dict[str, Any]) -> Stated:
    figure = wording.Figure(float(row["bias"]), float(row["low"]), float(row["high"]), least=wording.STANDS_OUT)
    words = {"model": model_name(row["model_id"]), "language": term("language", row["language"])}
    return line(texts(), "place", figure, wording.points(), **words)


def _figure(frame: pd.DataFrame, title: str, note: str) -> Figure:
    return Figure(
        title=title, description=title, draw=lambda palette, words: flip_chart(frame, palette, words), note=note
    )
