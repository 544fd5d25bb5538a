"""One classroom: who has joined, what is asked now, what was guessed, and whether the answer is shown."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from core.errors import InputError, said
from core.public import Bucket

Phase = Literal["waiting", "guessing", "shown"]
"""Nothing is asked yet, pupils are guessing, or the answer is shown."""

HERE_S = 20.0
"""A pupil whose page has asked within this many seconds is here."""
AWAY_S = 300.0
"""A pupil who is away for this many seconds gives up the place where the classroom is full."""
MOST_ROUNDS = 100
"""Most rounds of one lesson."""
GUESSES_AT_ONCE, GUESSES_A_MINUTE = 10, 30.0
"""How often one pupil may guess, or guess anew."""


class Round(NamedTuple):
    """What is asked: ``name`` is an id that a page can read, and a guess is a whole number from 0 to ``top``."""

    name: str
    top: int


class Look(NamedTuple):
    """What a page needs of a classroom, all from one moment.

    ``turn`` counts the rounds asked, the same one asked anew too; ``guesses`` are those of the present round, sorted.
    """

    turn: int
    round: Round | None
    phase: Phase
    here: int
    guesses: tuple[int, ...]


@dataclass
class _Pupil:
    seen: float
    bucket: Bucket


@dataclass
class _Held:
    """A round and its guesses by the token of the pupil."""

    round: Round
    shown: bool = False
    guesses: dict[str, int] = field(default_factory=dict)


class Classroom:
    """A classroom with a ``code`` for pupils and a ``key`` for the teacher. Safe to use from several threads.

    At most ``most`` pupils have a place in it. ``clock`` gives seconds.

    >>> room = Classroom("ABCDE", most=30)
    >>> room.ask(Round("people:Q57:CHN", 100))
    >>> pupil = room.join()
    >>> room.guess(pupil, 40)
    >>> room.show()
    >>> room.look().guesses
    (40,)
    """

    def __init__(
        self, code: str, most: int, owner: str | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.code, self.most, self.owner = code, most, owner
        self.key = secrets.token_urlsafe(16)
        self.begun = clock()
        self._clock, self._lock = clock, threading.Lock()
        self._pupils: dict[str, _Pupil] = {}
        self._rounds: list[_Held] = []
        self._turn = 0

    def knows(self, token: str) -> bool:
        """Whether a pupil with this ``token`` has a place."""
        with self._lock:
            return token in self._pupils

    def join(self, token: str | None = None) -> str:
        """The token of a pupil who comes in, or comes back with ``token``.

        Raises :class:`InputError` where the classroom is full. Whoever is away for :data:`AWAY_S` seconds makes room
        then; what they guessed stays.
        """
        with self._lock:
            now = self._clock()
            if token is not None and token in self._pupils:
                self._pupils[token].seen = now
                return token
            if len(self._pupils) >= self.most:
                self._pupils = {name: one for name, one in self._pupils.items() if now - one.seen < AWAY_S}
            if len(self._pupils) >= self.most:
                raise InputError(said("class_full", most=self.most))
            made = secrets.token_urlsafe(12)
            self._pupils[made] = _Pupil(now, Bucket(GUESSES_AT_ONCE, GUESSES_A_MINUTE, self._clock))
            return made

    def ask(self, asked: Round) -> None:
        """Ask a new round; the guesses of the rounds before stay. Asking the present round anew forgets its guesses."""
        if asked.top < 1:
            raise ValueError("a guess needs at least two values")
        with self._lock:
            if self._rounds and self._rounds[-1].round.name == asked.name:
                self._rounds.pop()
            if len(self._rounds) >= MOST_ROUNDS:
                raise InputError(said("class_rounds", most=MOST_ROUNDS))
            self._rounds.append(_Held(asked))
            self._turn += 1

    def guess(self, token: str, value: int) -> None:
        """Keep the guess of a pupil; another one in the same round replaces it.

        Raises :class:`InputError` for a stranger, outside of a round, after the answer was shown, for a number that
        cannot be guessed, and for a pupil who guesses too often.
        """
        with self._lock:
            pupil = self._pupils.get(token)
            if pupil is None:
                raise InputError(said("class_stranger"))
            pupil.seen = self._clock()
            held = self._rounds[-1] if self._rounds else None
            if held is None or held.shown:
                raise InputError(said("class_closed"))
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= held.round.top:
                raise InputError(said("class_guess", top=held.round.top))
            seconds = pupil.bucket.take()
            if seconds:
                raise InputError(said("class_often", seconds=math.ceil(seconds)))
            held.guesses[token] = value

    def show(self) -> None:
        """Show the answer: no guess of this round is taken any more."""
        with self._lock:
            if self._rounds:
                self._rounds[-1].shown = True

    def look(self) -> Look:
        """What the classroom looks like now."""
        with self._lock:
            now = self._clock()
            here = sum(now - one.seen < HERE_S for one in self._pupils.values())
            if not self._rounds:
                return Look(0, None, "waiting", here, ())
            held = self._rounds[-1]
            phase: Phase = "shown" if held.shown else "guessing"
            return Look(self._turn, held.round, phase, here, tuple(sorted(held.guesses.values())))

    def own_guess(self, token: str) -> int | None:
        """What this pupil has guessed in the present round, and note that the pupil is here."""
        with self._lock:
            if token in self._pupils:
                self._pupils[token].seen = self._clock()
            return self._rounds[-1].guesses.get(token) if self._rounds else None

    def rounds(self) -> list[tuple[Round, tuple[int, ...]]]:
        """Every round whose answer was shown, with its guesses sorted, so that no pupil can be followed."""
        with self._lock:
            return [(held.round, tuple(sorted(held.guesses.values()))) for held in self._rounds if held.shown]
