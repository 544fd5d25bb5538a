"""From cells to rows: cache, failures, order, cancelling, storage that fails."""

import threading
from datetime import UTC, datetime

import pytest

from core.audits.alignment.audit import Spec, cells_for, readings
from core.errors import Cancelled, DataError, InputError, Unreachable
from core.providers.mock import MockProvider
from core.runs.runner import Runner, check_prompt_length
from core.types import (
    Capabilities,
    LocalText,
    Model,
    Option,
    Origin,
    Persona,
    Question,
    Response,
    canonical_json,
    cell_id,
)


def model(name: str = "one", method: str = "full") -> Model:
    return Model(
        id=name,
        name=name,
        provider="mock",
        remote_id=name,
        revision="1",
        origin=Origin(base="made up", tuner="made up"),
        developer="none",
        family="none",
        capabilities=Capabilities(logprobs=method),
        link="",
    )


TEA = Question(
    id="own-tea",
    topic="own",
    short=LocalText(en="Tea", zh="茶"),
    stem=LocalText(en="Do you like tea?", zh="您喜欢喝茶吗？"),
    options=tuple(Option(code=c, text=LocalText(en=t, zh=t)) for c, t in ((3, "Yes"), (1, "A little"), (2, "No"))),
    scale="ordinal",
    polarity=-1,
)
CHINA = Persona(country="CHN")


class Shelf:
    """Keeps rows in memory, as a store would."""

    def __init__(self) -> None:
        self.rows: list[Response] = []
        self.broken = False

    def lookup(self, keys):
        good = [row for row in self.rows if row.outcome != "error"]
        return {row.cache_key: row for row in good if row.cache_key in set(keys)}

    def append(self, rows):
        if self.broken:
            raise DataError("The disk is full.", "Free some room.")
        kept = [row.model_copy(update={"run_id": "shelf"}) for row in rows]
        self.rows += kept
        return kept


def cells(*models: Model, text_check: bool = True, personas: tuple[Persona, ...] = (CHINA,)):
    spec = Spec(models=tuple(m.id for m in models), personas=personas, text_check=text_check)
    return cells_for(spec, list(models), [TEA])


def always_first(request):
    return [0.9, *[0.05 / (len(request.labels) - 1)] * (len(request.labels) - 1)]


def test_the_twin_is_asked_although_nobody_named_it():
    personas = {cell.persona for cell in cells(model())}
    assert personas == {Persona(), CHINA}


def test_rows_hold_masses_in_printed_order_and_readings_put_them_back_in_scale_order():
    def likes_yes(request):
        return [0.8 if code == 3 else 0.05 for code in request.codes]

    shelf = Shelf()
    Runner(shelf, lambda name: MockProvider(options=likes_yes)).run(cells(model(), text_check=False))
    assert {row.codes[0] for row in shelf.rows} == {1, 2, 3}
    found = readings(shelf.rows, {TEA.id: TEA})
    assert [r.persona for r in found] == [Persona(), CHINA]
    for reading in found:
        assert reading.distribution.codes == (3, 1, 2)
        assert reading.distribution.mass == pytest.approx((0.8, 0.05, 0.05))
        assert reading.distribution.valid_mass == pytest.approx(0.9)
        assert reading.position_bias == pytest.approx(0, abs=1e-9)


def test_a_model_that_takes_whatever_stands_first_has_no_opinion_and_full_position_bias():
    shelf = Shelf()
    Runner(shelf, lambda name: MockProvider(options=always_first)).run(cells(model(), text_check=False))
    reading = readings(shelf.rows, {TEA.id: TEA})[0]
    assert reading.distribution.probabilities == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert reading.position_bias == pytest.approx(0.9 / 0.95 - 1 / 3)


def test_position_bias_is_unknown_until_every_rotation_is_in():
    shelf = Shelf()
    asked = [cell for cell in cells(model(), text_check=False) if cell.persona == CHINA][:2]
    Runner(shelf, lambda name: MockProvider(options=always_first)).run(asked)
    assert readings(shelf.rows, {TEA.id: TEA})[0].position_bias is None


def test_what_is_known_is_not_asked_again_unless_afresh():
    asked = []

    def count(request):
        asked.append(request)
        return always_first(request)

    shelf = Shelf()
    runner = Runner(shelf, lambda name: MockProvider(options=count))
    first = runner.run(cells(model(), text_check=False))
    again = runner.run(cells(model(), text_check=False))
    assert len(asked) == len(first) == 6
    assert [result.cached for result in first] == [False] * 6
    assert [result.cached for result in again] == [True] * 6
    assert again[0].response.created == first[0].response.created
    runner.run(cells(model(), text_check=False), fresh=True)
    assert len(asked) == 12


def test_one_model_that_cannot_be_asked_does_not_stop_the_others():
    class Dead(MockProvider):
        def revision(self, model):
            if model.id == "dead":
                raise Unreachable("It is not here.", "Connect.")
            return super().revision(model)

    shelf = Shelf()
    results = Runner(shelf, lambda name: Dead()).run(cells(model("dead"), model("alive")))
    by_model = {m: {r.response.outcome for r in results if r.cell.model.id == m} for m in ("dead", "alive")}
    assert by_model["dead"] == {"error"}
    assert "error" not in by_model["alive"]
    assert {row.error_kind for row in shelf.rows if row.model_id == "dead"} == {"unreachable"}


def test_an_answer_that_failed_alone_is_a_row_and_is_asked_again_next_time():
    fail = [True]

    def flaky(request):
        return Unreachable("Cut.", "Again.") if fail[0] and request.codes[0] == 1 else always_first(request)

    shelf = Shelf()
    runner = Runner(shelf, lambda name: MockProvider(options=flaky))
    first = runner.run(cells(model(), text_check=False))
    assert sum(r.response.outcome == "error" for r in first) == 2
    fail[0] = False
    second = runner.run(cells(model(), text_check=False))
    assert all(r.response.outcome == "option" for r in second)
    assert sum(not r.cached for r in second) == 2


def test_answers_that_cannot_be_written_are_handed_out_all_the_same():
    shelf = Shelf()
    shelf.broken = True
    runner = Runner(shelf, lambda name: MockProvider())
    assert len(runner.run(cells(model()))) == 8
    assert "disk is full" in str(runner.storage_error)


def test_stopping_keeps_what_was_measured():
    stop = threading.Event()
    shelf = Shelf()

    def answer(request):
        stop.set()
        return always_first(request)

    slow = MockProvider(options=answer)
    many = cells(model(), personas=tuple(Persona(country=c) for c in ("CHN", "USA", "DEU", "JPN", "BRA", "IND")))
    with pytest.raises(Cancelled):
        Runner(shelf, lambda name: slow).run(many, cancel=stop)


@pytest.mark.parametrize(
    ("text", "code", "outcome"),
    [("A", 3, "option"), ("No.", 2, "option"), ("I cannot answer that.", None, "refusal"), ("Blue.", None, "invalid")],
)
def test_a_written_answer_is_read_back_to_the_code_of_its_option(text, code, outcome):
    shelf = Shelf()
    Runner(shelf, lambda name: MockProvider(text=lambda request: text)).run(cells(model()))
    rows = [row for row in shelf.rows if row.kind == "text"]
    assert {(row.parsed_code, row.outcome) for row in rows} == {(code, outcome)}


def test_cells_of_different_questions_personas_or_orders_have_different_ids():
    ids = [cell_id(cell) for cell in cells(model(), model("two"))]
    assert len(set(ids)) == len(ids)
    assert ids == [cell_id(cell) for cell in cells(model(), model("two"))]


@pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * 8_001])
def test_a_text_that_cannot_be_asked_is_refused_with_a_hint(text):
    with pytest.raises(InputError) as error:
        check_prompt_length(text, 8_000)
    assert error.value.hint


def test_rows_are_plain_data():
    shelf = Shelf()
    Runner(shelf, lambda name: MockProvider()).run(cells(model()))
    row = shelf.rows[0]
    assert row.created <= datetime.now(UTC)
    assert Response.model_validate_json(row.model_dump_json()) == row
    assert row.question_json == canonical_json(TEA.model_dump(mode="json"))
