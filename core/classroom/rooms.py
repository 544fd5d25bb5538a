"""All classrooms of the process: opened with a code that can be read out, found by it, and ended after their time."""

from __future__ import annotations

import hmac
import math
import secrets
import threading
import time
from collections.abc import Callable

from core.classroom.room import Classroom
from core.errors import InputError, said
from core.public import Addresses, Bucket, network_of
from core.settings import settings

ALPHABET = "ABCDEFGHJKLMNPQRTUVWXY3468"
"""Letters and digits that cannot be taken for one another when a code is read from a wall or said aloud."""
CODE_LENGTH = 5
PER_ADDRESS = 3
"""Most classrooms that one address has open at once."""
KNOCKS_AT_ONCE, KNOCKS_A_MINUTE = 120, 60.0
"""How often codes may be tried and places taken from one address; a whole class may share one."""


def read_code(text: str) -> str | None:
    """A code as pupils type it, with small letters and blanks; ``None`` where it cannot be a code.

    >>> read_code(" abc de")
    'ABCDE'
    """
    if len(text) > 4 * CODE_LENGTH:
        return None
    letters = "".join(text.split()).upper()
    return letters if len(letters) == CODE_LENGTH and set(letters) <= set(ALPHABET) else None


class Classrooms:
    """The classrooms by their codes. Safe to use from several threads.

    A classroom ends when the teacher ends it, or ``class_minutes`` (a setting) after it was opened. Nothing of it is
    left then. A timer sees to that even where nobody looks any more.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._rooms: dict[str, Classroom] = {}
        self._addresses = Addresses(clock, lambda: Bucket(KNOCKS_AT_ONCE, KNOCKS_A_MINUTE, clock))

    def open(self, address: str | None = None) -> Classroom:
        """A new classroom for a teacher who comes from ``address``.

        Raises :class:`InputError` where too many are open, in all or from this address.
        """
        now, owner = settings(), network_of(address) if address else None
        with self._lock:
            self._sweep()
            if len(self._rooms) >= now.classes:
                raise InputError(said("class_many", most=now.classes))
            if owner and sum(room.owner == owner for room in self._rooms.values()) >= PER_ADDRESS:
                raise InputError(said("class_many_here", most=PER_ADDRESS))
            code = self._free_code()
            room = Classroom(code, now.class_pupils, owner, self._clock)
            self._rooms[code] = room
        timer = threading.Timer(now.class_minutes * 60 + 1, self.sweep)
        timer.daemon = True
        timer.start()
        return room

    def find(self, code: str) -> Classroom | None:
        """The open classroom with this code, if there is one."""
        with self._lock:
            self._sweep()
            return self._rooms.get(code)

    def enter(self, code: str, address: str | None = None, token: str | None = None) -> tuple[Classroom, str]:
        """The classroom with this code and the token of the pupil in it.

        Raises :class:`InputError` for an unknown code, a full classroom, and an address that tries too often. A pupil
        who comes back with the own ``token`` is not counted.
        """
        room = self.find(code)
        if room is not None and token is not None and room.knows(token):
            return room, room.join(token)
        bucket = self._addresses.of(address)
        seconds = bucket.take() if bucket else 0
        if seconds:
            raise InputError(said("class_often", seconds=math.ceil(seconds)))
        if room is None:
            raise InputError(said("class_unknown"))
        return room, room.join(token)

    def taught(self, code: str, key: str) -> Classroom | None:
        """The classroom with this code for whoever has the teacher's ``key``."""
        room = self.find(code)
        return (
            room if room is not None and hmac.compare_digest(room.key.encode(), key.encode(errors="replace")) else None
        )

    def end(self, room: Classroom) -> None:
        """End ``room`` and forget it."""
        with self._lock:
            if self._rooms.get(room.code) is room:
                del self._rooms[room.code]

    def sweep(self) -> None:
        """Forget the classrooms whose time is over."""
        with self._lock:
            self._sweep()

    def __len__(self) -> int:
        with self._lock:
            self._sweep()
            return len(self._rooms)

    def _sweep(self) -> None:
        over = self._clock() - settings().class_minutes * 60
        self._rooms = {code: room for code, room in self._rooms.items() if room.begun > over}

    def _free_code(self) -> str:
        while True:
            code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
            if code not in self._rooms:
                return code
