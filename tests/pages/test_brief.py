"""The button that makes a brief, page by page: the file holds what the store holds, and nothing that it should not."""

import re
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest
import streamlit as st

from core import i18n
from core.audits import AUDITS
from core.audits.alignment.scores import on_shared_questions, question_scores, skills
from core.audits.base import Bank
from core.audits.citizens.scores import summary
from core.audits.option_table import answers_of, option_table
from core.audits.representation.audit import measure
from core.audits.stability.scores import score
from core.audits.traces.store import load_trace, stored_traces
from core.catalogue import load_catalogue
from core.findings.claims.verdicts import CLAIMS, VERDICTS
from core.providers.hosted.keys import KeyRing
from core.settings import DATA
from core.store import Store
from core.surveys import SURVEYS
from core.surveys.dilemmas import load_dilemmas
from core.surveys.published import positions
from core.surveys.questions import among_kinds
from core.types import KINDS, Persona
from pages.parts.shared import brief_button, links
from pages.parts.shared.texts import span
from tests.pages.test_pages import ask

MODEL, OTHER = "smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"
LARGER, BASE = "qwen2.5-coder-1.5b-instruct", "gemma-3-270m"
PLACES = ["CHN", "USA", "DEU", "JPN", "BRA", "BGD", "MAR", "ZWE"]


@pytest.fixture
def briefs(app, monkeypatch):
    """Opens a page and gives the test with the files that its brief buttons would save."""
    made = {}
    real = st.download_button

    def button(label, data, *args, key=None, **kwargs):
        made[key] = data
        return real(label, data, *args, key=key, **kwargs)

    monkeypatch.setattr(brief_button.st, "download_button", button)

    def open_page(page, then=None, **query):
        made.clear()
        test = app(page, **query)
        if then:
            test = then(test)
        assert not test.exception
        return made[f"{page}_brief"]().decode()

    return open_page


def link(text: str) -> dict[str, list[str]]:
    """The selection in the link of the first page."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    where = next(one for one in tree.iter("dl") if one.attrib.get("class") == "where")
    return parse_qs(urlsplit(next(where.iter("code")).text).query, keep_blank_values=True)


def cells(text: str) -> list[list[str]]:
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    return [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]


@pytest.fixture(scope="module")
def shipped():
    return Store(DATA / "runs")


@pytest.fixture(scope="module")
def readings(shipped):
    return option_table(shipped, SURVEYS["wvs7"]().questions())


def test_the_brief_of_alignment_holds_the_numbers_of_the_store(briefs, shipped, readings):
    text = briefs("alignment")
    survey, models = SURVEYS["wvs7"](), load_catalogue().models
    answers = {model: answers_of(readings, model, "en") for model in (MODEL, OTHER)}
    scores = question_scores(answers, survey, PLACES, question_ids=among_kinds(survey.questions()))
    found = skills(on_shared_questions(scores))
    rows = {tuple(row[:2]): row for row in cells(text)}
    met = set()
    for line in found.itertuples():
        name = {"CHN": "China", "USA": "United States", "BRA": "Brazil"}.get(line.country)
        if name:
            row = rows[models[line.model_id].name, name]
            met.add(line.model_id)
            assert f"{line.distance:.3f}" == row[2]
            ends = (line.skill_uniform, line.skill_uniform_low, line.skill_uniform_high)
            assert span(*ends, digits=2, signed=True) in row
    assert met == {MODEL, OTHER}
    for model, run_id in ((MODEL, "alignment-smollm2"), (OTHER, "alignment-qwen-0.5b")):
        info = shipped.info(run_id)
        assert info.models[model] in text
        assert all(shard.sha256 in text for shard in info.shards.values())
    assert "python -m core run data/specs/alignment-smollm2.toml --id alignment-smollm2-again --fresh" in text
    # Its values and attitudes were asked again since, and its perceptions do not count.
    assert "demo-countries-en" not in text, "a run that gave no number is no source"


def test_the_brief_of_a_selection_follows_it(briefs):
    text = briefs("alignment", al="zh", kd=list(KINDS))
    assert "demo-countries-zh" in text
    assert link(text)["kd"] == list(KINDS)
    assert "demo-countries-en" not in text
    assert link(text)["al"] == ["zh"]


def test_the_brief_of_representation_holds_the_gaps_of_the_store(briefs, readings):
    text = briefs("representation", rc="CHN", rm=[OTHER, MODEL])
    survey = SURVEYS["wvs7"]()
    for model in (OTHER, MODEL):
        asked = among_kinds(survey.questions())
        groups = measure(answers_of(readings, model, "en"), survey, "CHN", asked)["groups"]
        plain = groups[groups["told"] == "none"]
        assert len(plain)
        for line in plain.itertuples():
            assert span(line.gap, line.gap_low, line.gap_high, signed=True) in text
    assert text.count("<svg") == 2


def test_the_brief_of_stability_holds_the_turns_of_the_store(briefs, shipped):
    text = briefs("stability", run="demo-edc-wave-1")
    axes = score(shipped.responses(["demo-edc-wave-1"]), load_dilemmas())["axes"]
    again = axes[(axes["axis"] == "again") & (axes["group"] == "all")].iloc[0]
    assert any(f"{again['flips']:.3f}" in row for row in cells(text))
    assert "edc-wave-1.toml" in text
    assert "edc-wave-2.toml" in text, "the waves are compared, so both are sources"


def test_the_brief_of_one_question_says_what_was_asked_and_has_no_command(briefs):
    text = briefs("probe", ask)
    assert "Mock (made-up answers)" in text
    assert "so there is no single command: probe-" in text
    assert text.count("<svg") >= 2


def test_the_brief_of_a_trace_holds_the_vote_of_the_store(briefs, shipped):
    text = briefs("traces", two="one")
    known = stored_traces(shipped)
    asked = {"persona": Persona(country="CHN", age="18-29", sex="female").key, "question_id": "Q6", "language": "en"}
    for name, value in {**asked, "model_id": MODEL, "intervention": "none"}.items():
        known = known[known[name] == value]
    bank = SURVEYS["wvs7"]().questions()
    trace = load_trace(shipped, known.iloc[-1], load_catalogue().models[MODEL], bank)
    assert f"({max(trace.vote):.0%}). Asked directly: " in text
    assert f"({max(trace.direct):.0%}). The stages moved" in text
    assert text.count("<svg") == 4
    for run_id in ("mark-demo", "mark-faithfulness"):
        assert all(shard.sha256 in text for shard in shipped.info(run_id).shards.values())
    assert "core run data/specs/mark-demo.toml" in text


def test_the_brief_of_simulated_citizens_holds_the_distances_of_the_store(briefs, shipped):
    run = "demo-citizens"
    text = briefs("citizens", cc="CHN", crun=run)
    bank = Bank(questions=SURVEYS["wvs7"]().questions(), models=load_catalogue().models)
    frames = AUDITS["citizens"]().scores(shipped.rows(run, list(shipped.responses([run])["cell_id"])), bank)
    here = frames["questions"]
    here = here[here["question_id"].isin(among_kinds(bank.questions))]
    table = summary(here[(here["country"] == "CHN") & (here["model_id"] == MODEL) & (here["language"] == "en")])
    whole = table[table["dimension"] == "all"]
    assert len(whole) > 2
    for line in whole.itertuples():
        assert f"{line.distance:.3f} [{line.distance_low:.3f}, {line.distance_high:.3f}]" in text
    assert "diversity-demo.toml" in text


def test_the_brief_of_the_claims_holds_every_verdict_with_its_n(briefs):
    rows = {tuple(row[:1] + row[3:]): row for row in cells(briefs("claims")) if len(row) == 6}
    found = {row[0]: row for row in rows.values()}
    for claim in CLAIMS:
        words = found[i18n.texts()(f"claim.{claim}")]
        assert words[1] in {i18n.texts()(f"claim_verdict.{verdict}") for verdict in VERDICTS}
        assert all(cell.isdigit() for cell in words[3:])


def test_the_brief_of_the_start_page_holds_the_published_figures(briefs):
    text = briefs("start", prompt="zh")
    found = {row[0]: row for row in cells(text)}
    for line in positions("zh", None).dropna(subset=["lean"]).itertuples():
        assert found[line.model][2:5] == [f"{v:.2f}" for v in (line.lean, line.lean_low, line.lean_high)]
    assert link(text)["prompt"] == ["zh"]


def test_the_link_of_a_brief_holds_the_whole_selection_and_the_server(briefs, monkeypatch):
    monkeypatch.setattr(links, "base", lambda: "https://parallax.example/alignment")
    text = briefs("alignment")
    assert "https://parallax.example/alignment?" in text
    assert {name: values for name, values in link(text).items() if name in ("ui", "al", "at", "aa", "av")} == {
        "ui": ["en"],
        "al": ["en"],
        "at": ["any"],
        "aa": ["country"],
        "av": ["skill_uniform"],
    }
    assert link(briefs("alignment", **link(text))) == link(text)


def test_the_bottom_line_says_no_more_than_the_figures_of_the_page(briefs, readings):
    text = briefs("alignment")
    answers = {model: answers_of(readings, model, "en") for model in (MODEL, OTHER, LARGER, BASE)}
    survey = SURVEYS["wvs7"]()
    asked = among_kinds(survey.questions())
    found = skills(on_shared_questions(question_scores(answers, survey, PLACES, question_ids=asked)))
    best = found.loc[found["skill_uniform"].idxmax()]
    front = text.split('class="annex"')[0]
    assert span(*best[["skill_uniform", "skill_uniform_low", "skill_uniform_high"]], digits=2, signed=True) in front
    clear = found[(found["skill_uniform_low"] > 0) & (found["skill_uniform"] >= 0.01)]
    assert clear.empty, "the sentence below is for answers of which none is clear"
    assert f"In none of {len(found)} pairs" in front
    assert i18n.texts()("confidence.open") in front


def test_a_key_typed_in_this_session_is_in_no_brief(briefs, monkeypatch):
    ring = KeyRing()
    ring.put("session:own", "smollm2-135m-instruct")
    monkeypatch.setattr(brief_button, "key_ring", lambda: ring)
    text = briefs("alignment")
    assert "smollm2-135m-instruct" not in text
    assert "[key removed]" in text


def test_the_brief_is_in_the_language_of_the_interface_and_fetches_nothing(briefs):
    text = briefs("alignment")
    assert 'lang="en"' in text or "lang='en'" in text
    assert not re.findall(r"(?:src|href)=[\"'](?!#)", text)
    assert "<script" not in text
