"""Published figures of models in one form for all studies. Errors in a source are corrected and listed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import DataError, said
from core.once import once
from core.surveys.published.studies import FOLDER, read_file

FIGURE_COLUMNS = (
    "study",
    "model",
    "developer",
    "base",
    "tuner",
    "size_b",
    "language",
    "persona",
    "item",
    "statistic",
    "value",
    "n",
    "date",
)
DISTANCE = "distance to the human mean (Euclidean, 9 attributes)"
WEIGHT = "preference weight (AMCE)"
LANGUAGES = ("en", "zh", "fi")
"""The prompt languages of the studies."""
GUESSED = ("OpenAI", "Anthropic")
"""Developers whose sizes in the Moral Machine study are its author's guesses."""


@once
def _developers(folder: Path) -> dict[str, tuple[str, str, str]]:
    try:
        tables = tomllib.loads((folder / "developers.toml").read_text("utf-8"))
        return {
            key: (table.get("name", key), table["base"], table.get("tuner", table["base"]))
            for key, table in tables.items()
        }
    except (OSError, ValueError, KeyError) as error:
        raise DataError(said("published_makers_unreadable", reason=error)) from error


def figures(name: str, folder: Path = FOLDER) -> pd.DataFrame:
    """All figures about models of the study ``name``; one row per figure, columns :data:`FIGURE_COLUMNS`.

    ``persona`` is ``none``, ``CHN`` or ``USA``; ``date`` the day or month that the source gives, empty where it gives
    none; ``size_b`` billions of parameters, NaN where unknown; ``n`` the number that the source counts, NaN where it
    gives none. People and baselines of a file are rows with ``base`` ``human`` or ``baseline``. Corrected here:

    - Moral Machine: the distance is computed again from the nine weights, because QwQ 32B and Qwen3 32B have the same
      published one, and the weights give it for QwQ 32B only; sizes of closed models are guesses and are left out.
    - An impossible year (0029) becomes an empty date.

    Raises :class:`DataError` on a damaged file or a developer that ``developers.toml`` does not name.
    """
    return _figures(name, folder).copy()


@once
def _figures(name: str, folder: Path) -> pd.DataFrame:
    raw, known = read_file(name, folder), _developers(folder)
    people = raw["origin"].isin(["human", "baseline"])
    if missing := set(raw.loc[~people, "developer"]) - set(known):
        raise DataError(said("published_makers", names=", ".join(sorted(missing))))
    facts = [
        known.get(developer, ("", origin, origin))
        for developer, origin in zip(raw["developer"], raw["origin"], strict=True)
    ]
    frame = pd.DataFrame(
        {
            "study": name,
            "model": raw["model"],
            "developer": [fact[0] for fact in facts],
            "base": [fact[1] for fact in facts],
            "tuner": [fact[2] for fact in facts],
            "size_b": raw["size_b"].astype(float),
            "language": raw["prompt_language"],
            "persona": raw["persona_country"].replace("", "none"),
            "item": raw["item"],
            "statistic": raw["statistic"],
            "value": raw["value"].astype(float),
            "n": raw["n"].astype(float),
            "date": [_day(text) for text in raw["date"]],
        },
        columns=list(FIGURE_COLUMNS),
    )
    return _moral_machine(frame) if name == "moral_machine" else frame


def _day(text: str) -> str:
    """``2024-1-25`` and ``01/25/2024`` as ``2024-01-25``, a month unchanged; empty where the year is impossible."""
    if "/" in text:
        month, day, year = text.split("/")
        text = f"{year}-{month}-{day}"
    parts = [part.zfill(2) for part in text.split("-")]
    return "-".join(parts) if parts[0].startswith("20") else ""


def _moral_machine(frame: pd.DataFrame) -> pd.DataFrame:
    weights = frame[frame["statistic"] == WEIGHT].pivot(index="model", columns="item", values="value")
    people = frame.loc[frame["base"] == "human", "model"].iloc[0]
    distance = np.sqrt(((weights - weights.loc[people]) ** 2).sum(axis=1, skipna=False))
    stated = frame["statistic"] == DISTANCE
    value = frame["value"].mask(stated, frame["model"].map(distance))
    return frame.assign(value=value, size_b=frame["size_b"].mask(frame["developer"].isin(GUESSED)))
