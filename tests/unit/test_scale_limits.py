"""What the driver of a run on Ray does and the limit that its workers share, without Ray."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from core.errors import DataError, Unreachable, said
from core.scale.limits import Limits
from core.scale.office import Office


class RayError(Exception):
    """As Ray's own: what all its errors derive from."""


class RayTaskError(RayError):
    """As Ray's own: what the code of an actor raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__("a traceback")
        self.cause = cause


def read(error: Exception) -> None:
    """Read from a shelf that answers with ``error``."""

    def get(ref: object) -> None:
        raise error

    office = Office.__new__(Office)
    office._ray = SimpleNamespace(get=get, exceptions=SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError))
    office._read(None)


def test_what_the_shelf_raises_is_no_lost_process() -> None:
    damaged = DataError(said("no_worker", n=1))
    with pytest.raises(DataError) as told:
        read(RayTaskError(damaged))
    assert told.value.parts == damaged.parts
    with pytest.raises(RayTaskError):
        read(RayTaskError(ValueError("a fault of the code")))
    with pytest.raises(Unreachable, match="lost again"):
        read(RayError("the actor died"))


def test_whoever_gives_up_waiting_leaves_no_call_behind() -> None:
    async def scene() -> list[bool]:
        limits = Limits(2, 60.0)
        turns = [asyncio.ensure_future(limits.take("e", "w", str(n))) for n in range(16)]
        await asyncio.sleep(0)
        for n in reversed(range(16)):
            await limits.give("e", str(n))
        await asyncio.wait(turns, timeout=1)
        assert (await limits.most_open())["e"] == 0
        return [turn.done() for turn in turns]

    with ThreadPoolExecutor() as pool:  # a browser test of this process may have left a loop running here
        assert all(pool.submit(lambda: asyncio.run(scene())).result())
