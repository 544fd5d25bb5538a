"""A lesson with a class: the teacher's screen and the pupils' phones, each a session of its own."""

import pytest

from core import i18n
from core.classroom import Classrooms
from core.settings import settings
from core.surveys import shipped_survey
from core.types import Persona
from pages.parts.learn import classrooms as here
from tests.pages.test_pages import texts


@pytest.fixture
def rooms(monkeypatch):
    """The classrooms of this test alone, on a computer whose address in the network is known."""
    made = Classrooms()
    monkeypatch.setattr(here, "classrooms", lambda: made)
    monkeypatch.setattr(here, "lan_address", lambda: "192.168.1.20")
    return made


def teach(app, **query):
    return app("learn", with_class="class", **query).button(key="class_open").click().run()


def join(app, code, **query):
    return app("learn", join=code, **query)


def the_room(rooms):
    (room,) = rooms._rooms.values()
    return room


def test_a_lesson_from_the_door_to_its_end(app, rooms):
    teacher = teach(app)
    assert not teacher.exception
    room = the_room(rooms)
    shown = texts(teacher)
    assert room.code in shown
    assert "192.168.1.20" in shown
    assert "0 pupils are here" in shown
    pupils = [join(app, code) for code in (room.code, room.code.lower(), f" {room.code[:3]} {room.code[3:]}")]
    assert all("You are in" in texts(pupil) for pupil in pupils)
    teacher.button(key="class_ask").click().run()
    assert "how many answer “Most people can be trusted”?" in texts(teacher)
    for pupil, value in zip(pupils, (20, 50, 80), strict=True):
        pupil.run()
        pupil.slider[0].set_value(value).run()
        pupil.button(key="class_send").click().run()
        assert f"Sent: {value} of 100" in texts(pupil)
    assert room.look().guesses == (20, 50, 80)
    assert "Found" not in texts(teacher.run())
    teacher.button(key="class_show").click().run()
    found = round(100 * shipped_survey().reference("Q57", Persona(country="CHN")).shares[0])
    middle = "The middle guess of 3 pupils is 50 of 100, the lowest 20, the highest 80"
    assert f"Found: {found} of 100. {middle}" in texts(teacher)
    assert len(teacher.get("vega_lite_chart")) == 2
    pupil = pupils[0].run()
    assert f"Found: **{found} of 100**" in texts(pupil)
    assert "You guessed: 20 of 100" in texts(pupil)
    teacher.button(key="class_end").click().run()
    assert not rooms._rooms
    assert "The lesson has ended. Nothing of it was kept." in texts(pupil.run())


def test_a_step_of_the_lesson_is_guessed_and_revealed_with_its_chart(app, rooms):
    teacher = teach(app)
    room = the_room(rooms)
    pupils = [join(app, room.code) for _ in range(2)]
    teacher.selectbox(key="class_round").set_value("order").run()
    teacher.button(key="class_ask").click().run()
    for pupil, choice in zip(pupils, (0, 2), strict=True):
        assert pupil.run().button(key="class_send").disabled
        pupil.radio[0].set_value(choice).run()
        pupil.button(key="class_send").click().run()
    assert room.look().guesses == (0, 2)
    teacher.button(key="class_show").click().run()
    shown = texts(teacher)
    assert "1 of 2 pupils guessed so" in shown or "0 of 2 pupils guessed so" in shown
    assert "the place matters" in shown or "the place decides" in shown
    assert not teacher.exception
    assert "You guessed:" in texts(pupils[0].run())


def test_a_page_that_is_loaded_anew_finds_the_lesson_and_the_place_again(app, rooms):
    room = rooms.open()
    again = app("learn", **{"class": room.code, "host": room.key})
    assert room.code in texts(again)
    assert "Open a lesson" not in {button.label for button in again.button}
    stranger = app("learn", **{"class": room.code, "host": "guessed"})
    assert not {button.key for button in stranger.button} & {"class_ask", "class_end"}
    pupil = join(app, room.code)
    (token,) = room._pupils
    assert "You are in" in texts(join(app, room.code, me=token))
    assert len(room._pupils) == 1
    pupil.button(key="class_leave").click().run()
    assert "join" not in pupil.query_params
    assert "On my own" in str(pupil.segmented_control[0].options)


def test_a_wrong_code_and_a_full_lesson_are_said_plainly(app, rooms, monkeypatch):
    assert "No lesson with this code is open" in texts(join(app, "ABCDE"))
    assert "A code has 5 characters" in texts(join(app, "what is this"))
    monkeypatch.setenv("PARALLAX_CLASS_PUPILS", "1")
    settings.cache_clear()
    room = rooms.open()
    room.join()
    late = join(app, room.code)
    assert "in this lesson" in texts(late)
    assert not late.exception


def test_the_address_can_be_changed_and_a_bad_one_is_said_to_be_bad(app, rooms):
    teacher = teach(app)
    teacher.text_input(key="class_address").set_value("10.0.0.5:9000").run()
    assert "10.0.0.5:9000/join" in texts(teacher)
    teacher.text_input(key="class_address").set_value("javascript:alert(1)").run()
    assert "This address cannot be read" in texts(teacher)
    assert not teacher.exception


def test_the_class_is_in_chinese_too(app, rooms, monkeypatch):
    monkeypatch.setattr(i18n, "DEFAULT", "zh")  # AppTest words the options of a widget outside of a session
    teacher = teach(app, ui="zh")
    room = the_room(rooms)
    teacher.button(key="class_ask").click().run()
    pupil = join(app, room.code, ui="zh")
    pupil.button(key="class_send").click().run()
    teacher.button(key="class_show").click().run()
    assert "1 名学生的中位猜测" in texts(teacher)
    assert "您猜的是" in texts(pupil.run())
    assert "guess" not in texts(teacher).lower()


@pytest.mark.parametrize(
    ("opened", "root"),
    [
        ("http://localhost:8501/learn", "http://192.168.1.20:8501"),
        ("http://127.0.0.1/learn", "http://192.168.1.20"),
        ("http://[::1]:8501/app/learn", "http://192.168.1.20:8501/app"),
        ("https://parallax.example/learn", "https://parallax.example"),
    ],
)
def test_phones_are_never_led_to_themselves(monkeypatch, opened, root):
    monkeypatch.setattr(here, "lan_address", lambda: "192.168.1.20")
    monkeypatch.setattr(here.links, "base", lambda: opened)
    assert here.usual_root() == root
