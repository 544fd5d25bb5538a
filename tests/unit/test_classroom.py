"""A classroom: every guess counts once, nobody is named, limits hold, and nothing is left when the lesson is over."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import html5lib
import numpy as np
import pandas as pd
import pytest

from core import i18n
from core.brief.worksheet import Task, worksheet_html
from core.charts.classroom import choice_chart, number_chart
from core.charts.palette import LIGHT
from core.classroom import Classroom, Classrooms, Round, join_address, qr_svg, read_code, root_of
from core.classroom import address as addresses
from core.classroom.guesses import guesses_frame
from core.classroom.room import AWAY_S, GUESSES_AT_ONCE, HERE_S, MOST_ROUNDS
from core.classroom.rooms import ALPHABET, KNOCKS_AT_ONCE, PER_ADDRESS
from core.errors import InputError
from core.findings.guess import asked_for, guessable, in_hundred, places_asked
from core.surveys import shipped_survey

HUNDRED = Round("people:Q57:CHN", 100)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_thirty_pupils_guess_at_once_and_none_is_lost_or_doubled() -> None:
    rooms = Classrooms()
    room = rooms.open("192.168.1.2")
    room.ask(HUNDRED)
    gate, problems = threading.Barrier(30), []

    def pupil(n: int) -> None:
        try:
            gate.wait(10)
            found, token = rooms.enter(room.code, f"192.168.1.{n + 10}")
            for value in (0, 100, n):  # whoever changes their mind counts once, with the last guess
                found.guess(token, value)
        except Exception as problem:  # noqa: BLE001 - told below, since a thread cannot fail a test
            problems.append(problem)

    threads = [threading.Thread(target=pupil, args=(n,)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems
    assert room.look().guesses == tuple(range(30))
    assert room.look().here == 30


def test_guesses_are_taken_only_between_the_question_and_its_answer() -> None:
    room = Classroom("ABCDE", 30)
    pupil = room.join()
    with pytest.raises(InputError, match="No guess is taken"):
        room.guess(pupil, 1)
    room.ask(HUNDRED)
    room.guess(pupil, 7)
    assert room.own_guess(pupil) == 7
    room.show()
    with pytest.raises(InputError, match="No guess is taken"):
        room.guess(pupil, 8)
    assert room.look().phase == "shown"
    assert room.look().guesses == (7,)
    room.ask(Round("step:order", 2))
    assert room.look().guesses == ()
    assert room.own_guess(pupil) is None
    assert room.rounds() == [(HUNDRED, (7,))], "a round whose answer was not shown is no result"


def test_asking_the_present_round_anew_forgets_its_guesses() -> None:
    room = Classroom("ABCDE", 30)
    room.ask(HUNDRED)
    room.guess(room.join(), 7)
    room.show()
    room.ask(HUNDRED)
    assert room.look().guesses == ()
    room.show()
    assert room.rounds() == [(HUNDRED, ())]


@pytest.mark.parametrize("value", [-1, 101, 10**30, 1.5, "7", None, True, float("nan")])
def test_only_a_number_of_the_scale_is_a_guess(value: object) -> None:
    room = Classroom("ABCDE", 30)
    room.ask(HUNDRED)
    with pytest.raises(InputError, match="from 0 to 100"):
        room.guess(room.join(), value)  # type: ignore[arg-type]
    assert room.look().guesses == ()


def test_a_stranger_cannot_guess_and_one_pupil_not_on_and_on() -> None:
    clock = Clock()
    room = Classroom("ABCDE", 30, clock=clock)
    room.ask(HUNDRED)
    with pytest.raises(InputError, match="does not know this phone"):
        room.guess("somebody", 1)
    pupil = room.join()
    for value in range(GUESSES_AT_ONCE):
        room.guess(pupil, value)
    with pytest.raises(InputError, match="too often"):
        room.guess(pupil, 50)
    clock.now += 60
    room.guess(pupil, 50)
    assert room.look().guesses == (50,)


def test_a_lesson_has_an_end_to_its_questions() -> None:
    room = Classroom("ABCDE", 30)
    for n in range(MOST_ROUNDS):
        room.ask(Round(str(n), 1))
    with pytest.raises(InputError, match="at most"):
        room.ask(HUNDRED)


def test_a_full_classroom_takes_whoever_comes_back_and_gives_away_places_of_those_who_left() -> None:
    clock = Clock()
    room = Classroom("ABCDE", 2, clock=clock)
    room.ask(HUNDRED)
    first, second = room.join(), room.join()
    room.guess(first, 3)
    with pytest.raises(InputError, match="All 2 places"):
        room.join()
    assert room.join(first) == first
    clock.now += HERE_S
    room.own_guess(second)
    assert room.look().here == 1
    clock.now += AWAY_S - 1
    third = room.join()
    assert third not in (first, second)
    assert room.look().guesses == (3,), "what was guessed stays"


def test_a_code_is_found_as_pupils_type_it_and_the_key_is_the_teachers() -> None:
    rooms = Classrooms()
    room = rooms.open()
    assert set(room.code) <= set(ALPHABET)
    assert read_code(f" {room.code[:2].lower()} {room.code[2:]} ") == room.code
    assert [read_code(text) for text in ("", "ABC", "ABCD0", "x" * 10_000, "ABCDEF", "甲乙丙丁戊")] == [None] * 6
    assert rooms.taught(room.code, room.key) is room
    assert rooms.taught(room.code, "guessed") is None
    assert rooms.taught(room.code, "\udc80猜") is None
    with pytest.raises(InputError, match="No lesson with this code"):
        rooms.enter("AAAAA" if room.code != "AAAAA" else "BBBBB")


def test_nothing_is_left_of_a_lesson_that_was_ended_or_whose_time_is_over(configure: Callable[..., None]) -> None:
    configure(class_minutes=30)
    clock = Clock()
    rooms = Classrooms(clock)
    ended, forgotten = rooms.open(), rooms.open()
    rooms.end(ended)
    assert rooms.find(ended.code) is None
    assert rooms.find(forgotten.code) is forgotten
    clock.now += 30 * 60 + 1
    rooms.sweep()
    assert not rooms._rooms


def test_lessons_at_once_are_limited_in_all_and_for_one_address(configure: Callable[..., None]) -> None:
    configure(classes=PER_ADDRESS + 1)
    rooms = Classrooms()
    mine = [rooms.open("10.0.0.1") for _ in range(PER_ADDRESS)]
    with pytest.raises(InputError, match="yours has them all"):
        rooms.open("10.0.0.1")
    rooms.open("10.0.0.2")
    with pytest.raises(InputError, match="no more can be opened"):
        rooms.open("10.0.0.3")
    rooms.end(mine[0])
    rooms.open("10.0.0.3")


def test_one_address_cannot_try_codes_on_and_on_but_a_pupil_may_come_back() -> None:
    clock = Clock()
    rooms = Classrooms(clock)
    room = rooms.open()
    _, token = rooms.enter(room.code, "10.0.0.9")
    for _ in range(KNOCKS_AT_ONCE - 1):
        with pytest.raises(InputError, match="No lesson"):
            rooms.enter("?????", "10.0.0.9")
    with pytest.raises(InputError, match="too often"):
        rooms.enter(room.code, "10.0.0.9")
    assert rooms.enter(room.code, "10.0.0.9", token)[1] == token
    assert rooms.enter(room.code, "10.0.0.10")


def test_the_file_says_how_often_and_not_by_whom() -> None:
    frame = guesses_frame([(HUNDRED, (5, 5, 60)), (Round("step:order", 2), (1,))], str.upper)
    assert frame.to_dict("list") == {
        "round": [1, 1, 2],
        "question": ["PEOPLE:Q57:CHN", "PEOPLE:Q57:CHN", "STEP:ORDER"],
        "guess": [5, 60, 1],
        "pupils": [2, 1, 1],
    }


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("http://192.168.1.20:8501/learn?mode=class#x", "http://192.168.1.20:8501"),
        ("192.168.1.20:8501", "http://192.168.1.20:8501"),
        (" https://school.example/parallax/learn ", "https://school.example/parallax"),
        ("http://[fe80::1]:8501/learn", "http://[fe80::1]:8501"),
    ],
)
def test_an_address_is_cut_to_that_of_the_app(typed: str, root: str) -> None:
    assert root_of(typed) == root


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "http://",
        "javascript:alert(1)",
        "http://a b",
        "http://x:99999",
        "http://u:p@x",
        "http://<b>",
        "x" * 500,
        "\0",
    ],
)
def test_what_is_no_address_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        root_of(typed)


def test_the_qr_code_is_a_drawing_of_the_address_on_white() -> None:
    one, other = (qr_svg(join_address("http://192.168.1.20:8501", code)) for code in ("ABCDE", "ABCDF"))
    assert one.startswith("<svg")
    assert "#fff" in one
    assert "script" not in one
    assert one != other


def test_a_computer_without_a_network_has_no_address_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Card:
        def __init__(self, *_: object) -> None: ...

        def __enter__(self) -> Card:
            return self

        def __exit__(self, *_: object) -> None: ...

        def connect(self, _: object) -> None:
            raise OSError("no network")

    monkeypatch.setattr(addresses.socket, "socket", Card)
    assert addresses.lan_address() is None


def test_what_is_guessed_of_people_is_the_upper_half_of_a_scale_or_the_first_of_two_options() -> None:
    survey = shipped_survey()
    bank = survey.questions()
    assert asked_for(bank["Q164"]) == (5, 6, 7, 8, 9)
    assert asked_for(bank["Q27"]) == (0, 1), "agreement is what the question names"
    assert asked_for(bank["Q57"]) == (0,)
    middle = next(q for q in bank.values() if q.scale == "ordinal" and len(q.options) % 2)
    assert len(asked_for(middle)) == len(middle.options) // 2
    assert not any(asked_for(q) for q in bank.values() if q.scale == "nominal" and len(q.options) > 2)
    assert set(guessable(bank)) == {name for name, question in bank.items() if asked_for(question)}
    found = in_hundred(survey, bank["Q164"], "CHN")
    assert found.value == pytest.approx(100 * sum(found.shares[5:]))
    assert 0 <= found.low < found.value < found.high <= 100
    assert places_asked(survey, bank["Q164"])
    with pytest.raises(InputError, match="were not asked"):
        in_hundred(survey, bank["Q164"], "GBR" if "GBR" not in places_asked(survey, bank["Q164"]) else "FRA")


def test_charts_count_every_guess_and_keep_the_last_bar_as_wide_as_the_others() -> None:
    answers = pd.DataFrame(
        [("People", "people", 65.0, 63.0, 67.0), ("Even", "baseline", 50.0, np.nan, np.nan)],
        columns=["name", "look", "value", "low", "high"],
    )
    drawn = json.loads(number_chart([0, 4, 5, 99, 100], 100, answers, LIGHT, i18n.texts(), "Guess").to_json())
    bars = next(rows for rows in drawn["datasets"].values() if "pupils" in rows[0])
    assert [(bar["start"], bar["pupils"]) for bar in bars] == [(0, 2), (5, 1), (95, 2)]
    chosen = json.loads(choice_chart([0, 2, 2], ["one", "two", "three"], 2, LIGHT, i18n.texts()).to_json())
    (rows,) = chosen["datasets"].values()
    assert [row["pupils"] for row in rows] == [1, 0, 2]
    assert rows[2]["says"] == "what was found"


def test_the_worksheet_holds_questions_and_no_answer_and_nothing_of_the_web() -> None:
    page = worksheet_html([Task("<b>Title</b>", "How many?"), Task("Which?", "Choose", ("one", "two"))], "zh")
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert 'lang="zh-Hans"' in page
    assert "&lt;b&gt;Title" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
