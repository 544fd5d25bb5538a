"""The stability page as a brief."""

import pandas as pd

from core.brief import Brief, Figure, plain_lines, run_sources, table_of
from core.charts.stability import flip_chart
from pages.parts.shared import resources
from pages.parts.shared.brief_words import limits
from pages.parts.shared.texts import t, term
from pages.parts.stability.overview import axis_finding, axis_frame, group_frame, headline_words
from pages.parts.stability.waves import found_waves, wave_words

COLUMNS = ("model_id", "axis", "flips", "flips_low", "flips_high", "noise", "excess", "agreement", "alpha", "n")


def stability_brief(scores: dict[str, pd.DataFrame], models: list[str], runs: pd.DataFrame, run: pd.Series) -> Brief:
    """Headlines, flips by axis and by ambiguity, and the waves of ``run``, for ``models``."""
    sentences = [plain_lines(text)[0] for model in models for _, text in headline_words(scores, model)]
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
        finding=tuple(sentences) or (t("stability.no_readings"),),
        figures=tuple(figures),
        tables=(table_of(named, t("stability.numbers")),) if len(named) else (),
        method=plain_lines(t("stability.how")),
        limits=limits("stability"),
        data=(t("stability.source", run=run["run_id"]),),
        runs=run_sources(resources.store(), [run["run_id"], *sorted(waves)]),
    )


def _figure(frame: pd.DataFrame, title: str, note: str) -> Figure:
    return Figure(
        title=title, description=title, draw=lambda palette, words: flip_chart(frame, palette, words), note=note
    )
