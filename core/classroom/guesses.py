"""The guesses of a lesson as a file, for a teacher who wants to keep them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import pandas as pd

from core.classroom.room import Round

COLUMNS = ("round", "question", "guess", "pupils")


def guesses_frame(rounds: Iterable[tuple[Round, tuple[int, ...]]], words: Callable[[str], str]) -> pd.DataFrame:
    """One row per round and guessed value: round (1-based), question (in ``words``), guess, pupils (how many).

    It says how often a number was guessed and not by whom, so no pupil can be followed from round to round.
    """
    rows = [
        (place, words(asked.name), value, times)
        for place, (asked, guesses) in enumerate(rounds, start=1)
        for value, times in sorted(Counter(guesses).items())
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
