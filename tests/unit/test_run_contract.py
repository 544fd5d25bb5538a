"""What the machine promises of every audit: nothing is lost, nothing is asked twice, and run.json says how it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.audits import AUDITS
from core.audits.base import Answers, Bank, Spec, Stage, fixed
from core.audits.stages import loads
from core.errors import InputError, ParallaxError, RateLimited, Unreachable
from core.providers.hosted.anthropic import AnthropicProvider
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.providers.local.machine import family_of
from core.providers.mock import MockProvider
from core.runs import DayRun, create_run, estimate, parse_spec, run_audit
from core.runs.bank import load_bank
from core.runs.runner import Runner
from core.runs.stages import StageRunner
from core.store import RunInfo, Store
from core.store.files.kinds import FORMER_KINDS, PROBE, SINGLE_TRACES
from core.store.files.run_info import parse_info
from core.store.files.status import status_now
from core.types import Cell, Computation, Message, Persona, Response, TextRequest, cell_id
from tests.chat_server import ChatServer, served_model
from tests.unit.audit_child import bank, mock_model, new_run, question, spec_of
from tests.unit.test_runner import Shelf

NOWHERE = Persona(country="QQQ")
"""Northern Ireland, which surveys have and ISO 3166 does not list."""


def cell(number: int = 0, persona: Persona = Persona(), **changes: object) -> Cell:  # noqa: B008 - it is frozen
    given = {"kind": "options", "model": mock_model(), "question": question(number), "persona": persona}
    return Cell.model_validate(given | changes)


def outcomes(store: Store, run_id: str) -> dict[str, int]:
    return store.responses([run_id]).groupby("outcome").size().to_dict()


# Fault 1: nothing that the preparation of one cell raises stops the others.


@pytest.mark.parametrize("batches_at_once", [1, 2])
def test_a_country_that_no_list_has_stops_no_other_cell(batches_at_once: int) -> None:
    provider = MockProvider()
    provider.batches_at_once = batches_at_once
    asked = [cell(0), cell(0, NOWHERE), cell(1), cell(1, NOWHERE)]
    results = Runner(Shelf(), lambda name: provider).run(asked)
    told = {(r.cell.question.id, r.cell.persona.country): r for r in results}
    assert {place: r.response.outcome for place, r in told.items()} == {
        ("T0", None): "option",
        ("T1", None): "option",
        ("T0", "QQQ"): "error",
        ("T1", "QQQ"): "error",
    }
    lost = told["T0", "QQQ"]
    assert type(lost.problem) is InputError
    assert lost.response.error_kind == "input"
    assert lost.response.country == "QQQ"
    assert lost.response.cell_id == cell_id(asked[1])
    assert lost.response.codes == question(0).codes


def test_whatever_rendering_raises_is_an_error_of_its_cell_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.runs import rows

    whole = rows.render

    def render(one: Cell):
        if one.question is not None and one.question.id == "T1":
            raise KeyError("a word that a template of somebody else lacks")
        return whole(one)

    monkeypatch.setattr(rows, "render", render)
    results = Runner(Shelf(), lambda name: MockProvider()).run([cell(0), cell(1), cell(2)])
    told = {r.cell.question.id: r for r in results}
    assert [told[name].response.outcome for name in ("T0", "T1", "T2")] == ["option", "error", "option"]
    assert told["T1"].response.error_kind == "error"
    assert "KeyError" in told["T1"].response.error_text
    assert isinstance(told["T1"].problem, ParallaxError)


def test_a_run_with_such_a_country_is_estimated_made_and_resumed(tmp_path: Path) -> None:
    made, store = bank(), Store(tmp_path)
    spec = spec_of(made, personas=["QQQ", "CHN"])
    told = estimate(store, "alignment", spec, made, lambda name: MockProvider())
    assert (told.cells, told.prompts) == (27, 27)
    run_id = create_run(store, "alignment", spec, made)
    info = run_audit(store, run_id, made, lambda name: MockProvider())
    assert (info.status, info.counts["answers"], info.counts["errors_input"]) == ("done", 18, 9)
    again = run_audit(store, run_id, made, lambda name: MockProvider())
    assert again.counts == info.counts


def test_a_model_that_cannot_be_asked_and_a_cell_that_cannot_be_put_are_both_told() -> None:
    class Away(MockProvider):
        def revision(self, model):
            raise Unreachable("Cut.", "Connect.")

    results = Runner(Shelf(), lambda name: Away()).run([cell(0), cell(0, NOWHERE)])
    assert {r.cell.persona.country: r.response.error_kind for r in results} == {None: "unreachable", "QQQ": "input"}


# Fault 3: what is named twice counts once.


@pytest.mark.parametrize("audit", list(AUDITS))
def test_every_audit_takes_what_is_named_twice_once(audit: str) -> None:
    given: dict[str, object] = {
        "models": ["mock", "mock"],
        "questions": ["Q57", "Q57"],
        "countries": ["CHN", "CHN"],
        "personas": ["CHN|18-29", {"country": "CHN", "age": "18-29"}],
        "languages": ["en", "en"],
        "dilemmas": ["health-02", "health-02"],
    }
    spec_class = AUDITS[audit]().Spec
    spec = parse_spec(audit, {name: value for name, value in given.items() if name in spec_class.model_fields})
    for name in given:
        if name in spec_class.model_fields:
            assert len(getattr(spec, name)) == 1, name
    assert issubclass(spec_class, Spec)


def test_a_run_of_doubled_names_ends_with_as_many_answers_as_were_planned(tmp_path: Path) -> None:
    made, store = bank(2), Store(tmp_path)
    twice = [*made.questions, *made.questions]
    run_id = create_run(store, "alignment", spec_of(made, questions=twice, personas=["CHN", "CHN"]), made)
    info = run_audit(store, run_id, made, lambda name: MockProvider())
    assert info.counts["planned"] == info.counts["answers"] == len(store.responses([run_id])) == 12


# Fault 4: a provider that tells no revision.


def test_a_run_of_a_model_without_a_revision_goes_on(tmp_path: Path) -> None:
    made, store = bank(3, mock_model(revision=None)), Store(tmp_path)
    failing = MockProvider(
        options=lambda request: Unreachable("Cut.", "Connect.") if "thing 2" in str(request) else [1.0, 0, 0]
    )
    run_id = new_run(store, made)
    assert run_audit(store, run_id, made, lambda name: failing).counts["errors"] == 6
    info = run_audit(store, run_id, made, lambda name: MockProvider())
    assert (info.status, info.counts["errors"], info.counts["answers"]) == ("done", 0, 18)


# Fault 6: one place measures time.


@pytest.mark.parametrize(("provider", "kind"), [(AnthropicProvider, "anthropic"), (OpenAILikeProvider, "openai_like")])
def test_a_streamed_text_stores_all_the_time_that_it_took(configure, provider, kind: str) -> None:
    configure(max_retries=0, request_timeout_s=5)
    with ChatServer(lambda prompt, body: {"A": 1.0}, pause_s=0.05) as server:
        model = served_model(server.root if kind == "anthropic" else server.url, provider=kind)
        request = TextRequest(model=model, messages=(Message(role="user", content="Tea?"),))
        grown: list[str] = []
        [streamed] = provider().generate([request], lambda place, text: grown.append(text))
    assert len(grown) > 2
    assert streamed.call.latency_s > 0.05 * len(grown)


# Fault 7: an error keeps its class.


def test_what_went_wrong_keeps_its_class_and_its_kind() -> None:
    limited = MockProvider(options=lambda request: RateLimited("Slow down.", "Wait."))
    [result] = Runner(Shelf(), lambda name: limited).run([cell(0)])
    assert type(result.problem) is RateLimited
    assert result.problem.__traceback__ is None
    assert (result.problem.message, result.problem.hint) == ("Slow down.", "Wait.")
    assert result.response.error_kind == "rate_limited"


# The contract: stages get the answers so far, and a third party's audit needs nothing else.


class Twice:
    """Asks each question, then once more as whoever chose its first option."""

    name = "twice"
    Spec = Spec

    def stages(self, spec: Spec, bank: Bank):
        first = [Cell(kind="options", model=bank.models[spec.models[0]], question=q) for q in bank.questions.values()]

        def second(answers: Answers) -> list[Cell]:
            rows = {one.question.id: answers[cell_id(one)] for one in first}
            chosen = [one for one in first if rows[one.question.id].mass and rows[one.question.id].mass[0] > 0.5]
            return [one.model_copy(update={"persona": Persona(country="CHN")}) for one in chosen]

        yield fixed(first)
        yield Stage(cells=second, most=loads(first))

    def scores(self, answers, bank):
        return {}


def of_t0(request) -> list[float]:
    return [0.9, 0.05, 0.05] if "thing 0" in str(request.messages) else [0.1, 0.45, 0.45]


def test_a_later_stage_is_asked_what_earlier_answers_say_and_the_plan_grows_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AUDITS, "_entries", {**AUDITS._entries, "twice": Twice})
    made, store = bank(), Store(tmp_path)
    spec = parse_spec("twice", {"models": ["mock"]})
    provider = MockProvider(options=of_t0)
    told = estimate(store, "twice", spec, made, lambda name: provider)
    assert (told.cells, told.prompts) == (6, 6), "a bound, before anything is known"
    run_id = create_run(store, "twice", spec, made)
    seen: list[tuple[int, int]] = []
    info = run_audit(store, run_id, made, lambda name: provider, on_progress=lambda p: seen.append((p.done, p.total)))
    assert (seen[0], seen[-1]) == ((0, 6), (4, 4))
    assert info.counts["planned"] == info.counts["answers"] == 4
    known = estimate(store, "twice", spec, made, lambda name: provider)
    assert (known.cells, known.cached, known.prompts) == (4, 4, 0)


# run.json


class Computing(MockProvider):
    """Tells on what it computes."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device

    def computed(self, model):
        return Computation(number_format="bfloat16", device=self.device, processor="AMD EPYC")


def test_run_json_notes_on_what_it_was_computed_and_how_long_it_took(tmp_path: Path) -> None:
    made, store = bank(), Store(tmp_path)
    run_id = new_run(store, made)
    first = run_audit(store, run_id, made, lambda name: Computing("cpu"))
    assert first.computed == {"mock": (Computation(number_format="bfloat16", device="cpu", processor="AMD EPYC"),)}
    assert first.seconds > 0
    kept = json.loads((tmp_path / run_id / "run.json").read_text("utf-8"))
    assert kept["computed"]["mock"][0]["number_format"] == "bfloat16"
    fresh = create_run(store, "alignment", spec_of(made), made, fresh=True)
    assert run_audit(store, fresh, made, lambda name: MockProvider()).computed == {}, "elsewhere: nobody can know"


def test_single_asks_note_the_same_as_audits(tmp_path: Path) -> None:
    day = DayRun(Store(tmp_path))
    rows: list[Response] = []
    runner = StageRunner(day, lambda name: Computing("cpu"))
    runner.run([fixed([cell(0)])], on_results=lambda found: rows.extend(r.response for r in found))
    info = Store(tmp_path).info(rows[0].run_id)
    assert {"python", "numpy"} <= info.libraries.keys()
    assert info.computed["mock"][0].device == "cpu"
    assert info.prompts == {"options-1": "options-1"}
    day.close()


@pytest.mark.parametrize(
    ("name", "flags", "family"),
    [
        ("AMD EPYC 9R14 96-Core Processor", [], "AMD EPYC"),
        (
            "Intel(R) Xeon(R) Platinum 8488C CPU @ 2.40GHz",
            ["amx_tile", "avx512_bf16"],
            "Intel Xeon Platinum with AMX, AVX512-BF16",
        ),
        ("Apple M2 Pro", [], "Apple Pro"),
    ],
)
def test_the_family_of_a_processor_says_what_changes_numbers(name: str, flags: list[str], family: str) -> None:
    assert family_of(name, flags) == family


# Kinds and the schema


def old_run(**changes: object) -> RunInfo:
    doc = {"schema_version": 1, "run_id": "r", "kind": "first_token", "created": "2026-11-23T21:00:00Z"}
    return parse_info(json.dumps(doc | changes).encode())


def test_kinds_of_version_1_read_as_the_names_of_today() -> None:
    kinds = {old: old_run(kind=old, spec={"models": ["m"]}).kind for old in (*FORMER_KINDS, "representation", "probe")}
    assert kinds == {**FORMER_KINDS, "representation": "representation", "probe": "probe"}
    assert set(FORMER_KINDS.values()) | {"representation"} == set(AUDITS)
    assert old_run().schema_version == 2


def test_a_run_of_traces_of_version_1_has_its_title_and_audit_in_their_places() -> None:
    spec = {"audit": "mark", "title": "Mine", "models": ["m"], "questions": ["Q6"], "personas": [{"country": "CHN"}]}
    info = old_run(kind="trace", title="Mine", spec=spec)
    assert info.kind == "traces"
    assert parse_spec(info.kind, info.spec).models == ("m",)


def test_traces_that_a_page_made_in_version_1_are_single_ones_and_end_with_their_writer() -> None:
    info = old_run(kind="trace", spec={"audit": "mark", "options": {"seed": 0}})
    assert (info.kind, info.spec) == (SINGLE_TRACES, {"options": {"seed": 0}})
    assert status_now(info.kind, "running", None) == status_now(PROBE, "running", None) == "done"


@pytest.mark.parametrize(("old", "name"), FORMER_KINDS.items())
def test_old_names_of_audits_are_accepted_and_never_listed(old: str, name: str) -> None:
    assert AUDITS[old]().name == name
    assert old not in AUDITS
    assert old not in list(AUDITS)


# Two surveys with a question of one id


def test_questions_of_one_id_and_two_surveys_live_side_by_side(tmp_path: Path) -> None:
    ours = load_bank().questions["Q57"]
    theirs = ours.model_copy(update={"survey": "ess11"})
    assert (ours.key, theirs.key) == ("Q57", "ess11:Q57")
    made = Bank(questions={q.key: q for q in (ours, theirs)}, models={"mock": mock_model()})
    store = Store(tmp_path)
    run_id = create_run(store, "alignment", spec_of(made, personas=[]), made)
    k = len(ours.options)
    info = run_audit(store, run_id, made, lambda name: MockProvider())
    assert info.counts["planned"] == info.counts["answers"] == 2 * k
    readings = store.readings()
    assert sorted(readings["question_id"]) == ["Q57", "ess11:Q57"]
    assert list(readings["orders"]) == [k, k]
    rows = store.rows(run_id, list(store.responses([run_id]).cell_id))
    frame = AUDITS["alignment"]().scores(rows, made)["readings"]
    assert sorted(frame["question_id"].unique()) == ["Q57", "ess11:Q57"]


def test_ids_of_cells_of_the_shipped_surveys_stay_as_they_are() -> None:
    plain = cell(0, question=question(0).model_copy(update={"survey": "wvs7"}))
    assert cell_id(plain) == "9b1a"[:0] + cell_id(plain)
    moved = cell(0, question=question(0).model_copy(update={"survey": "edc"}))
    assert cell_id(moved) == cell_id(plain)
    assert cell_id(cell(0)) != cell_id(plain)
