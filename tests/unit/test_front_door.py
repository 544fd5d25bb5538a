"""The front door: what ``import core as px`` offers, and the examples in its docstrings."""

import doctest
import importlib
import inspect
import tomllib
from pathlib import Path

import pytest

import core as px
from core.api import place
from core.charts.palette import LIGHT
from core.errors import InputError, ProviderError
from core.settings import settings

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    "Answers Cap ParallaxError People Persona Question Run Tuning ask audits known_runs models open_run people"
    " questions run tune"
)
SPEC = {"models": ["mock"], "questions": ["Q57", "Q64"], "personas": ["CHN"], "text_check": False}


@pytest.fixture(autouse=True)
def own_place(tmp_path, configure):
    configure(runs_dir=tmp_path / "runs", mock=True)
    yield
    place.close()


def test_the_public_names_are_these():
    assert " ".join(px.__all__) == NAMES
    assert set(px.__all__) <= set(dir(px))
    for name in px.__all__:
        assert getattr(px, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        px.nothing  # noqa: B018


def test_no_public_name_but_audits_is_that_of_a_module():
    rooms = {path.stem for path in (ROOT / "core").iterdir()}
    assert rooms & set(px.__all__) == {"audits"}


API = ["core.api.answers", "core.api.ask", "core.api.lists", "core.api.people", "core.api.run", "core.api.tune"]
TEXTS = ["core.i18n.locale", "core.prompts.render", "core.text"]
PROVIDERS = [f"core.providers.{name}" for name in ("chat", "labels", "local.prefix_tree", "served")]
TYPES = ["core.types.answers", "core.types.plain", "core.types.questions"]
EXAMPLES = [
    *API,
    *PROVIDERS,
    *TEXTS,
    *TYPES,
    "core.audits",
    "core.audits.specs",
    "core.store.index.scopes",
    "core.surveys.own",
]


@pytest.mark.parametrize("module", EXAMPLES)
def test_the_examples_of_the_docstrings_hold(module):
    found = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert found.attempted
    assert not found.failed


def public_things():
    for name in px.__all__:
        thing = getattr(px, name)
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing) and thing.__module__.startswith("core.api"):
            methods = inspect.getmembers(thing, lambda one: inspect.isfunction(one) or isinstance(one, property))
            own = set(vars(thing))
            yield from ((f"{name}.{key}", one) for key, one in methods if key in own and not key.startswith("_"))


WITHOUT_EXAMPLE = {"Answers.frame", "Run.info", "Run.status"}
"""Shown by an example beside them."""


def test_everything_public_is_explained_with_an_example():
    for name, thing in public_things():
        text = inspect.getdoc(thing) or ""
        assert text, name
        if name not in WITHOUT_EXAMPLE:
            assert ">>> import core as px" in text, name


@pytest.mark.model
def test_the_example_of_the_front_page_holds_with_the_built_in_model(builtin_model_dir):
    found = doctest.testmod(px, optionflags=doctest.ELLIPSIS)
    assert found.attempted
    assert not found.failed


def test_what_was_asked_is_known_the_next_time_and_fresh_asks_again():
    first = px.ask("Q57", model="mock")
    again = px.ask("Q57", model="mock")
    fresh = px.ask("Q57", model="mock", fresh=True)
    assert [row.created for row in again.rows] == [row.created for row in first.rows]
    assert all(new.created > old.created for new, old in zip(fresh.rows, first.rows, strict=True))
    assert len({row.run_id for row in first.rows}) == 1
    assert first.rows[0].run_id in px.known_runs().index


def test_a_chart_has_a_series_for_each_person_and_the_people_first():
    a = px.ask("Q57", model="mock", personas=["CHN", "USA"])
    drawn = a.plot(px.people("Q57", "CHN")).to_dict()
    bars = drawn["layer"][0]["encoding"]
    names = bars["fill"]["scale"]["domain"]
    assert len(names) == 4
    assert names[0] == f"CHN: Real people, n = {px.people('Q57', 'CHN').reference.n:,}"
    assert len(set(bars["stroke"]["scale"]["range"])) == 4


def test_mistakes_are_told_in_words():
    a = px.ask("Q57", model="mock")
    for wrong, words in (
        (lambda: px.ask("Q9999", model="mock"), "no question “Q9999”"),
        (lambda: px.ask("Q57", model="nobody"), "no model “nobody”"),
        (lambda: px.ask("Shall we?", model="mock", options=["Yes"]), "2 to 10 options"),
        (lambda: px.people("Q57", "|18-29"), "none is named"),
        (lambda: px.people("Q57", "China"), "no person"),
        (lambda: px.people("Q57", "XXX"), "no answers of people in XXX"),
        (lambda: a.compare(px.people("Q164", "CHN")), "answered Q164"),
        (lambda: px.questions(topic="nothing"), "no topic “nothing”"),
        (lambda: px.audits.Alignment(models=["mock"], topics=["nothing"]), "no topic “nothing”"),
        (lambda: px.audits.Alignment(models=["mock"], wrong=1), "wrong"),
        (lambda: px.open_run("none"), "none"),
        (lambda: px.run(px.Persona()), "no spec of an audit"),
    ):
        with pytest.raises(InputError) as caught:
            wrong()
        assert words in caught.value.sentence()


def test_where_nothing_could_be_asked_the_reason_is_raised(monkeypatch, tmp_path, configure):
    own = tmp_path / "models.toml"
    own.write_text(
        'away = { name = "Away", provider = "openai_like", endpoint = "http://127.0.0.1:9/v1", remote_id = "x",'
        ' developer = "d", family = "f", link = "", origin = { base = "x", tuner = "x" },'
        ' capabilities = { logprobs = "top_k", top_k = 20 } }\n'
    )
    configure(models=own, max_retries=0)
    with pytest.raises(ProviderError):
        px.ask("Q57", model="away")
    both = px.ask("Q57", model=["mock", "away"])
    assert {reading.model_id for reading in both.readings} == {"mock"}
    assert len(both.problems) >= 1
    assert "problems" in repr(both)
    assert str(both) == repr(both)


def test_a_run_is_planned_estimated_carried_out_and_scored():
    spec = px.audits.Alignment(**SPEC)
    planned = px.run(spec, start=False, cap=px.Cap(dollars=2), run_id="mine", title="Mine")
    assert planned.status == "planned"
    told = planned.estimate()
    assert (told.cells, told.cached) == (12, 0)
    seen = []
    assert planned.resume(on_progress=seen.append).status == "done"
    assert seen[-1].done == 12
    again = px.open_run("mine")
    assert again.estimate().cached == 12
    assert again.info.cap == px.Cap(dollars=2)
    assert len(again.frame()) == 12
    scores = again.scores()
    assert scores["matrix"][["asked", "questions"]].values.tolist() == [["country", 2], ["none", 2]]
    assert set(scores["questions"]["question_id"]) == {"Q57", "Q64"}
    assert len(scores["readings"]) == 2 * (2 + 4)
    assert repr(again) == "Run mine: alignment, done, 12 of 12 cells"


def test_the_matrix_is_what_the_page_shows(app_matrix):
    run = px.open_run("demo-countries-en")
    found = run.scores()["matrix"].set_index(["asked", "model_id", "country"]).loc["country"]
    for key, value in app_matrix.items():
        assert found.loc[key, "skill_uniform"] == pytest.approx(value)


@pytest.fixture
def app_matrix():
    """Skill over an even guess of every model and country of a shipped run, by way of the page's table."""
    from core.audits.alignment.scores import question_scores, skills
    from core.audits.option_table import answers_of, option_table
    from core.store.index.readings import ReadingFilter
    from core.surveys import every_survey

    survey = every_survey()
    table = option_table(place.store(), survey.questions(), ReadingFilter(scope="demo-countries-en"))
    countries = sorted({key.split("|")[0] for key in table["persona"]} - {""})
    answers = {model: answers_of(table, model, "en") for model in table["model_id"].unique()}
    frame = skills(question_scores(answers, survey, countries)).set_index(["model_id", "country"])
    assert len(frame)
    return frame["skill_uniform"].to_dict()


def test_every_audit_has_a_spec_under_its_name():
    from core.audits import AUDITS

    for audit in AUDITS:
        name = audit.capitalize()
        assert name in dir(px.audits)
        assert getattr(px.audits, name).__doc__
    with pytest.raises(AttributeError):
        px.audits.Nothing  # noqa: B018


def test_the_light_palette_is_the_apps():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]["light"]
    assert [LIGHT.human, *LIGHT.series] == theme["chartCategoricalColors"]
    assert (LIGHT.text, LIGHT.background, LIGHT.rule) == (
        theme["textColor"],
        theme["backgroundColor"],
        theme["borderColor"],
    )


def test_settings_of_the_place_are_the_users():
    assert place.store().runs_dir == settings().runs_dir
