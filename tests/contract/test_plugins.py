"""Packages of others add surveys, providers and audits; what of them fails is named, left out, and harms nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.audits.alignment.audit import Spec, plan, readings
from core.audits.base import Bank
from core.errors import InputError
from core.providers import PROVIDERS
from core.providers.base import Provider
from core.providers.mock import MockProvider
from core.registry import Registry
from core.runs.runner import Runner
from core.surveys import SURVEYS, EverySurvey, Survey
from core.types import Persona, Reference, cell_id
from tests.contract.third_party import BROKEN_POINTS, install

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def townsfolk(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(install(tmp_path)))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("town_")]:
        del sys.modules[name]


@pytest.fixture
def both(townsfolk):
    """The shipped survey and somebody else's, as one."""
    surveys = Registry("survey", {"wvs7": SURVEYS["wvs7"]}, "parallax.surveys", Survey)
    return EverySurvey([surveys[name]() for name in surveys])


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "PARALLAX_RUNS_DIR": str(folder / "runs"),
        "PARALLAX_MODELS": str(folder / "models.toml"),
        "PARALLAX_OFFLINE": "1",
        "PARALLAX_WARM_UP": "0",
        **more,
    }


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment(folder), capture_output=True, text=True, timeout=300
    )


def test_the_contract_tests_pass_for_what_a_package_adds(tmp_path):
    install(tmp_path)
    files = [f"tests/contract/test_{room}.py" for room in ("surveys", "providers", "audits")]
    options = ("-q", "-n", "0", "-p", "no:cacheprovider", "-k", "town or echo or silence")
    done = run(tmp_path, "-m", "pytest", *options, *files)
    assert done.returncode == 0, done.stdout[-3000:]
    passed = int(done.stdout.splitlines()[-1].split(" passed")[0].split()[-1])
    assert passed >= 20, done.stdout[-500:]


def test_two_surveys_with_the_same_question_id_live_side_by_side(both):
    questions = both.questions()
    assert {"Q3", "town:Q3"} <= set(questions)
    assert all(question.id == name for name, question in questions.items())
    assert (questions["Q3"].survey, questions["town:Q3"].survey) == ("wvs7", "town")
    theirs = both.reference("town:Q3", Persona(country="CHN"))
    assert isinstance(theirs, Reference)
    assert (theirs.question_id, theirs.survey, theirs.shares) == ("town:Q3", "town", (0.7, 0.3))
    assert both.reference("Q3", Persona(country="USA")) == SURVEYS["wvs7"]().reference("Q3", Persona(country="USA"))
    assert both.mean_of_others("town:Q3", "CHN") == pytest.approx((0.45, 0.55))
    assert set(both.groups("town:Q3", "FRA", "all")["share"]) == {0.5}
    assert {part.id for part in both.parts} == {"wvs7", "town"}


def test_a_bare_id_names_the_shipped_question_and_an_unknown_one_none(both):
    assert both.find("Q3").survey == "wvs7"
    assert both.find("town:Q3").survey == "town"
    with pytest.raises(InputError, match="Q9999"):
        both.find("Q9999")
    with pytest.raises(InputError, match="town:Q9"):
        both.reference("town:Q9", Persona(country="CHN"))


def test_a_bare_id_of_one_other_survey_finds_it_and_one_of_several_asks_which(both):
    (town,) = [part for part in both.parts if part.id == "town"]
    assert EverySurvey([town]).find("Q3").id == "town:Q3"
    village = type(town)()
    village.id = "village"
    with pytest.raises(InputError, match="Several surveys") as caught:
        EverySurvey([town, village]).find("Q3")
    assert "town:Q3, village:Q3" in caught.value.hint


def test_their_answers_are_kept_apart(both, mock_model):
    bank = Bank(questions=both.questions(), models={"mock": mock_model})
    cells = plan(Spec(models=("mock",), questions=("Q3", "town:Q3"), text_check=False), bank)
    assert len({cell_id(cell) for cell in cells}) == len(cells) == 4 + 2

    class Keeper:
        def lookup(self, keys):
            return {}

        def append(self, rows):
            return list(rows)

    rows = [result.response for result in Runner(Keeper(), lambda name: MockProvider()).run(cells)]
    assert {(row.survey, row.question_id) for row in rows} == {("wvs7", "Q3"), ("town", "town:Q3")}
    found = {reading.question_id: len(reading.distribution.codes) for reading in readings(rows, bank)}
    assert found == {"Q3": 4, "town:Q3": 2}


def test_what_fails_is_named_with_its_reason_and_left_out(townsfolk):
    install_broken(townsfolk)
    surveys = Registry("survey", {"wvs7": SURVEYS["wvs7"]}, "parallax.surveys", Survey)
    assert list(surveys) == ["wvs7", "town"]
    reasons = {plugin.name: (plugin.package, plugin.reason.message()) for plugin in surveys.left_out}
    assert set(reasons) == set(BROKEN_POINTS["parallax.surveys"])
    assert {package for package, _ in reasons.values()} == {"brokenfolk"}
    for name, words in (
        ("gone", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raising", "RuntimeError: the file of answers is missing"),
        ("bare", "it lacks title, licence, source, years, countries"),
        ("wvs7", "already taken"),
        ("Bad Name", "small letters"),
        ("elsewhere", "calls itself “town”"),
    ):
        assert words in reasons[name][1], name


def test_a_provider_that_sets_a_member_under_its_former_name_is_warned(townsfolk, caplog):
    """``batches_at_once`` was ``lanes``: nothing reads that, so it must not be set in vain."""
    (townsfolk / "town_earlier.py").write_text(
        "from core.providers.mock import MockProvider\n\n\n"
        "class Both(MockProvider):\n    name = 'both'\n    lanes = 2\n\n\n"
        "class Earlier:\n    name = 'earlier'\n    lanes = 2\n"
    )
    points = "[parallax.providers]\nboth = town_earlier:Both\nearlier = town_earlier:Earlier\n"
    next(townsfolk.glob("*.dist-info")).joinpath("entry_points.txt").write_text(points)
    providers = Registry("provider", {}, "parallax.providers", Provider)
    assert list(providers) == ["both"]
    (warning,) = providers.outdated
    assert "“both”, a plug-in of townsfolk, sets lanes" in warning.message()
    assert "called batches_at_once now" in warning.hint()
    assert warning.message() in caplog.text
    (left_out,) = providers.left_out
    assert "another name earlier" in left_out.reason.message()
    assert "batches_at_once (lanes)" in left_out.reason.message()


def test_a_registry_names_its_plug_ins_and_their_packages(townsfolk):
    providers = Registry("provider", {}, "parallax.providers", Provider)
    assert providers.plugins == {"echo": "townsfolk"}
    assert providers["echo"]() is providers["echo"]()
    with pytest.raises(InputError, match="no provider called “none”"):
        providers["none"]


def install_broken(folder: Path) -> None:
    install(folder, "brokenfolk", BROKEN_POINTS)


WALK = """
import io, json, runpy
from contextlib import redirect_stdout
from core.cli import main
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

def command(*arguments):
    with redirect_stdout(io.StringIO()) as out:
        code = main(arguments)
    return code, out.getvalue()

code, told = command("doctor", "--json")
lines = {line["what"]: line for line in json.loads(told)}
assert code == 3, told
assert lines["plug-in town"]["state"] == lines["plug-in echo"]["state"] == "ok"
assert lines["plug-in raising"]["state"] == "broken"
assert "the file of answers is missing" in lines["plug-in raising"]["detail"]
asked = ("--model", "echo", "--question", "Q3", "--question", "town:Q3", "--persona", "CHN", "--json")
assert command("run", *asked, "--id", "here")[0] == 0
silent = ("--audit", "silence", "--model", "echo", "--question", "Q57", "--id", "silent", "--json")
code, told = command("run", *silent)
assert code == 0, told

import core as px
assert px.open_run("silent").scores()["silence"]["question_id"].tolist() == ["Q57"]
assert px.audits.Silence(models=["echo"], topics=["gardens"]).questions == ("town:Q3",)

script_runner._mpa_v1 = lambda main: runpy.run_path(main, run_name="__main__")
test = AppTest.from_file("app.py", default_timeout=120).run()
assert not test.exception, test.exception
told = " ".join(str(warning.value) for warning in test.sidebar.warning)
assert "raising" in told and "the file of answers is missing" in told, told
test.switch_page("pages/runs.py")
test.query_params["view"] = "new"
test.query_params["audit"] = "silence"
test.run()
assert not test.exception, test.exception
assert test.selectbox(key="audit").value == "silence"
test.query_params.clear()
test.switch_page("pages/probe.py")
test.query_params["q"] = "town:Q3"
test.query_params["m"] = "echo"
test.run()
assert not test.exception, test.exception
assert test.selectbox(key="q").value == "town:Q3"
assert any("Survey of three towns" in str(caption.value) for caption in test.caption)
test.switch_page("pages/method.py").run()
assert not test.exception, test.exception
assert any("Survey of three towns" in str(text.value) for text in test.markdown)
print("walked")
"""


@pytest.mark.slow  # what a broken package costs is told above without a server
def test_the_app_and_the_commands_go_on_and_say_so(tmp_path):
    install_broken(install(tmp_path))
    done = run(tmp_path, "-c", WALK)
    assert "walked" in done.stdout, done.stderr[-3000:]


NAMED = ROOT / "core" / "types" / "questions.py"
"""Says which surveys have bare ids."""


def test_no_survey_is_written_into_the_code_outside_its_room():
    for path in sorted([*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]):
        if ROOT / "core" / "surveys" not in path.parents and path != NAMED:
            text = path.read_text("utf-8")
            assert '"wvs7"' not in text, path
            assert "surveys.wvs7" not in text, path


@pytest.fixture
def mock_model(configure):
    from core.catalogue import load_catalogue

    configure(mock=True)
    return load_catalogue().models["mock"]


def test_the_shipped_lists_come_first():
    assert next(iter(SURVEYS)) == "wvs7"
    assert next(iter(PROVIDERS)) == "local"
