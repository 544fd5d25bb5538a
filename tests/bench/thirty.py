"""A class of thirty: that many sessions on one server at once, which open the lesson, reveal a step and guess together.

    python -m tests.bench.thirty [SESSIONS]        with a number only prints, else writes its section of RESULTS.md

Each session is a web socket that speaks Streamlit's own protocol, so that server and network are measured and not
thirty browsers on the same processor. Load: from the connection until the page has run. Reveal: from the click on
“That is my prediction” until the page has run. What comes once after the start of the
server is reported by itself: the first visit, which imports the libraries, and the first to the lesson, the teacher's,
which waits until all runs are read. A class begins after that; by then the app still prepares its other pages.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.bench.results import machine, table, versions, write_section
from tests.browser.conftest import serving

SESSIONS = 30
STEP = "persona"
"""A step of the lesson whose prediction is a number that is there from the start, so that one click reveals."""
CHARTS = ("arrow_vega_lite_chart", "vega_lite_chart")


class Session:
    """One visitor: a web socket, and what the page has sent so far."""

    def __init__(self, address: str) -> None:
        self._url = address.replace("http://", "ws://") + "/_stcore/stream"
        self.buttons: dict[str, str] = {}
        self.sliders: dict[str, list[float]] = {}
        self.charts = 0
        self.errors: list[str] = []
        self.words: list[str] = []

    async def open(self, page: str, query: str = "") -> float:
        """Connect and run ``page``; seconds until it has run."""
        start = time.perf_counter()
        self._socket = await websockets.connect(self._url, subprotocols=["streamlit"], max_size=None, open_timeout=60)
        await self._run(page, query)
        return time.perf_counter() - start

    async def press(self, key: str, page: str, query: str = "") -> float:
        """Press the button ``key``; seconds until the page has run. Raises ``KeyError`` where there is none."""
        button = self.buttons[key]
        start = time.perf_counter()
        await self._run(page, query, button)
        return time.perf_counter() - start

    async def again(self, page: str, query: str = "") -> None:
        """Run the page once more, as its own timer does."""
        await self._run(page, query)

    async def close(self) -> None:
        """Leave."""
        await self._socket.close()

    async def _run(self, page: str, query: str, button: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        if button:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = button, True
            for name, values in self.sliders.items():
                state = message.rerun_script.widget_states.widgets.add()
                state.id = name
                state.double_array_value.data[:] = values
        self.charts = 0
        await self._socket.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(await self._socket.recv())
            kind = told.WhichOneof("type")
            if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                self._see(told.delta.new_element)
            # A page that starts again (st.rerun) ends early with a status of its own and goes on.
            if kind == "script_finished" and told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return

    def _see(self, element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "button":
            # The key stands at the end of the id.
            self.buttons[element.button.id.rsplit("-", 1)[-1]] = element.button.id
        elif kind == "slider":
            self.sliders[element.slider.id] = list(element.slider.default)
        elif kind in CHARTS:
            self.charts += 1
        elif kind in ("markdown", "alert"):
            self.words.append(getattr(element, kind).body)
        elif kind == "progress":
            self.words.append(element.progress.text)


async def visit(address: str, page: str, query: str = "", press: str = "") -> tuple[float, float, list[str]]:
    """Load and, where ``press`` names a button, its answer, in seconds; and what went wrong."""
    session = Session(address)
    load = await session.open(page, query)
    if press and press not in session.buttons:
        session.errors.append(f"no button {press}")
    answer = await session.press(press, page, query) if press in session.buttons else 0.0
    if press and not session.charts:
        session.errors.append("no chart after the click")
    await session.close()
    return load, answer, session.errors


async def measure(address: str, sessions: int) -> tuple[list[tuple[str, ...]], list[str]]:
    """Rows of the table, and every error."""
    first, _, errors = await visit(address, "", "")
    taught, _, wrong = await visit(address, "learn", f"step={STEP}")
    errors += wrong
    rows = [
        ("first visit after the start", "1", *[f"{first:.2f}"] * 3),
        ("first visit to the lesson", "1", *[f"{taught:.2f}"] * 3),
    ]
    for name, page, query, press in (
        ("start page", "", "", ""),
        ("lesson", "learn", f"step={STEP}", "lock"),
        ("lesson, in Chinese", "learn", f"step={STEP}&ui=zh", "lock"),
    ):
        found = await asyncio.gather(*(visit(address, page, query, press) for _ in range(sessions)))
        errors += [error for *_, wrong in found for error in wrong]
        rows.append(_row(f"{name}: load", [load for load, _, _ in found]))
        if press:
            rows.append(_row(f"{name}: reveal", [answer for _, answer, _ in found]))
    together, wrong = await guess_together(address, sessions)
    return [*rows, *together], [*errors, *wrong]


async def guess_together(address: str, sessions: int) -> tuple[list[tuple[str, ...]], list[str]]:
    """A lesson with a class: every pupil joins, guesses at the same moment, and the teacher sees all of it."""
    teacher, class_page = Session(address), ("learn", "with_class=class")
    await teacher.open(*class_page)
    await teacher.press("class_open", *class_page)
    code = next(words.removeprefix("## ") for words in teacher.words if words.startswith("## "))
    await teacher.press("class_ask", *class_page)
    pupils, seat = [Session(address) for _ in range(sessions)], ("learn", f"join={code}")
    loads = await asyncio.gather(*(pupil.open(*seat) for pupil in pupils))
    begun = time.perf_counter()
    sent = await asyncio.gather(*(pupil.press("class_send", *seat) for pupil in pupils))
    teacher.words.clear()
    await teacher.again(*class_page)
    pooled = time.perf_counter() - begun
    errors = [error for one in (teacher, *pupils) for error in one.errors]
    if not any(words.startswith(f"{sessions} of {sessions} pupils") for words in teacher.words):
        errors.append("not every guess was pooled")
    await asyncio.gather(*(one.close() for one in (teacher, *pupils)))
    rows = [_row("pupils join a class", loads), _row("pupils send a guess at once", sent)]
    return [*rows, ("all guesses on the teacher's screen", "1", *[f"{pooled:.2f}"] * 3)], errors


def _row(name: str, seconds: list[float]) -> tuple[str, ...]:
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return name, str(len(seconds)), *(f"{value:.2f}" for value in (statistics.median(seconds), p95, max(seconds)))


def main() -> None:
    """Serve, measure, write."""
    sessions = int(sys.argv[1]) if len(sys.argv) > 1 else SESSIONS
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as address:
        rows, errors = asyncio.run(measure(address, sessions))
    text = table(("at once", "sessions", "median, s", "p95, s", "slowest, s"), rows)
    body = f"{machine()}; {versions('streamlit', 'altair')}. Errors: {len(errors)}.\n\n{text}"
    sys.stdout.write(f"{body}\n" + "".join(f"{error}\n" for error in dict.fromkeys(errors)))
    if len(sys.argv) == 1:
        write_section("Thirty sessions at once", body)


if __name__ == "__main__":
    main()
