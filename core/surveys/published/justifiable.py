"""Published answers of 17 models to 19 survey questions, with the publics of China and the USA.

The questions Q177-Q195 of the World Values Survey ask how far something can be justified, from 1 (never) to 10
(always). The model figures come from *Made in China, Thinking in America* (``data/SOURCES.md``), the human ones from
wave 7. Limits of these figures: each model figure is a mean of 20 answers without its spread; temperatures differ;
three models were never asked without a persona; the human samples differ in n, year and weighting (China 2018,
unweighted; USA 2017, weighted); 19 questions on one theme are not all values. Distances are in scale points, 0..9.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError, said
from core.once import once
from core.settings import DATA
from core.stats import benjamini_hochberg, clear_sign
from core.stats.clustered import mean_columns
from core.surveys.questions import load_questions
from core.surveys.wvs7 import QUESTIONS, Wvs7, load
from core.types import Language, Question

MODEL_MEANS = DATA / "published" / "published_model_means.csv"
ITEMS: tuple[str, ...] = tuple(f"Q{number}" for number in range(177, 196))
PersonaCountry = Literal["CHN", "USA"]
LEAST_LEAN = 0.25
"""Smallest lean, in scale points, that is called clear."""

_COLUMNS = [
    "model",
    "origin",
    "prompt_language",
    "persona_country",
    "item_id",
    "mean_response",
    "n_repeats",
    "queried_on",
]


@once
def _read(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype={"persona_country": "str"}, parse_dates=["queried_on"])
    except (OSError, ValueError) as error:
        raise DataError(said("published_unreadable", reason=error)) from error
    if missing := set(_COLUMNS) - set(frame.columns):
        raise DataError(said("published_columns", names=", ".join(sorted(missing))))
    if not frame["mean_response"].between(1, 10).all() or not frame["item_id"].isin(ITEMS).all():
        raise DataError(said("published_scale"))
    return frame


def model_means(path: Path = MODEL_MEANS) -> pd.DataFrame:
    """One row per model, prompt language, persona and question; ``mean_response`` on 1..10.

    Columns: model, model_version, origin (China or USA), queried_on, temperature, prompt_language (en, zh),
    persona_country (CHN, USA, missing = no persona), item_id, mean_response, n_repeats. See the module for the
    limits of these figures. Raises :class:`DataError` on a damaged file.
    """
    return _read(path).copy()


def _answers(language: Language, persona: PersonaCountry | None, path: Path) -> pd.DataFrame:
    """Models x items, mean answers; a model without such rows is kept with NaN."""
    means = _read(path)
    same = means["persona_country"].isna() if persona is None else means["persona_country"] == persona
    chosen = means[same & (means["prompt_language"] == language)]
    wide = chosen.pivot(index="model", columns="item_id", values="mean_response")
    return wide.reindex(index=sorted(means["model"].unique()), columns=list(ITEMS))


def own_survey() -> Wvs7:
    """The survey whose people are compared with the published answers; their questions come from it."""
    return load()


@once
def item_questions() -> dict[str, Question]:
    """The questions of the study by id, :data:`ITEMS`: words and options, without what people answered."""
    every = load_questions(QUESTIONS)
    return {item: every[item] for item in ITEMS}


@once
def _human(country: str) -> pd.DataFrame:
    return own_survey().means(ITEMS, country).set_index("question_id")


def positions(
    language: Language = "en", persona: PersonaCountry | None = None, path: Path = MODEL_MEANS
) -> pd.DataFrame:
    """Where each model is between the two publics, one row per model, nearest to the USA first.

    Columns: model, origin, n_items; ``d_chn`` and ``d_usa`` = mean absolute distance to the public's mean answer over
    the questions (scale points, 0..9); ``lean`` = d_chn - d_usa, positive where the USA is nearer, with ``lean_low``
    and ``lean_high`` = 95 % paired t interval over questions, and ``lean_p`` = p that it is 0, adjusted over the models
    (Benjamini-Hochberg); ``items_nearer_usa``. A model never asked this way keeps its row: n_items 0, the rest NaN.
    """
    return _positions(language, persona, path).copy()


@once
def _positions(language: Language, persona: PersonaCountry | None, path: Path) -> pd.DataFrame:
    origins = _read(path).groupby("model")["origin"].first().to_dict()
    rows = [
        {"model": model, "origin": origins[str(model)], **_place(answers.to_numpy())}
        for model, answers in _answers(language, persona, path).iterrows()
    ]
    frame = pd.DataFrame(rows).sort_values(["lean", "model"], ascending=[False, True], ignore_index=True)
    return frame.assign(lean_p=benjamini_hochberg(frame["lean_p"]))


def baselines() -> pd.DataFrame:
    """The positions of answers that need no model, columns of :func:`positions` with ``baseline`` for model and origin.

    ``middle`` answers 5.5 to every question; ``others`` is the unweighted mean of all countries but these two.
    """
    return _baselines().copy()


@once
def _baselines() -> pd.DataFrame:
    answers = {"middle": np.full(len(ITEMS), 5.5), "others": mean_of_the_others()}
    return pd.DataFrame([{"baseline": name, **_place(means)} for name, means in answers.items()])


def mean_of_the_others() -> NDArray[np.float64]:
    """Unweighted mean over all countries but China and the USA of their mean answers, (questions,) in scale points."""
    everyone = own_survey().country_means(ITEMS)
    return everyone.drop(index=["CHN", "USA"]).mean().to_numpy(dtype=np.float64)


def _place(answers: NDArray[np.float64]) -> dict[str, float]:
    """The measured columns of :func:`positions` for one mean answer per item."""
    china, usa = (_human(country)["mean"].to_numpy() for country in ("CHN", "USA"))
    to_china, to_usa = np.abs(answers - china), np.abs(answers - usa)
    lean = mean_columns((to_china - to_usa)[:, None])
    asked = lean.n > 0
    return {
        "n_items": lean.n,
        "d_chn": float(np.nanmean(to_china)) if asked else np.nan,
        "d_usa": float(np.nanmean(to_usa)) if asked else np.nan,
        "lean": float(lean.mean[0]),
        "lean_low": float(lean.low[0]),
        "lean_high": float(lean.high[0]),
        "lean_p": float(lean.p[0]),
        "items_nearer_usa": float((to_usa < to_china).sum()) if asked else np.nan,
    }


def lean_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """How many models of :func:`positions` are nearer to which public, by origin and over all.

    Columns: origin (China, USA, all), models, measured, nearer_usa, nearer_chn (by the point alone), and of those
    clearly_usa, clearly_chn: findings by :func:`core.stats.clear_sign`, p adjusted over the models, least
    :data:`LEAST_LEAN`.
    """
    sign = clear_sign(frame["lean"], frame["lean_low"], frame["lean_high"], frame["lean_p"], LEAST_LEAN)
    frame = frame.assign(clearly_usa=sign > 0, clearly_chn=sign < 0)

    def count(part: pd.DataFrame, origin: str) -> dict[str, object]:
        return {
            "origin": origin,
            "models": len(part),
            "measured": int((part["n_items"] > 0).sum()),
            "nearer_usa": int((part["lean"] > 0).sum()),
            "clearly_usa": int(part["clearly_usa"].sum()),
            "nearer_chn": int((part["lean"] < 0).sum()),
            "clearly_chn": int(part["clearly_chn"].sum()),
        }

    rows = [count(part, str(origin)) for origin, part in frame.groupby("origin")]
    return pd.DataFrame([*rows, count(frame, "all")])


def item_table(
    language: Language = "en", persona: PersonaCountry | None = None, path: Path = MODEL_MEANS
) -> pd.DataFrame:
    """The mean answers by question, one row per item, means on 1..10.

    Columns: item_id; for each public ``chn_`` and ``usa_`` mean, n, weight_status, year; then one column per model
    (NaN where it was not asked this way).
    """
    return _item_table(language, persona, path).copy()


@once
def _item_table(language: Language, persona: PersonaCountry | None, path: Path) -> pd.DataFrame:
    publics = [_human(country).add_prefix(f"{country.lower()}_") for country in ("CHN", "USA")]
    table = pd.concat([*publics, _answers(language, persona, path).T], axis=1)
    return table.rename_axis("item_id").reset_index()
