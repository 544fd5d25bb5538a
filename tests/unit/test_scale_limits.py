"""The limit that workers of a run on Ray share, without Ray."""

import asyncio

from core.scale.limits import Limits


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

    assert all(asyncio.run(scene()))
