"""A brief: self-contained, safe to open, valid HTML, whole sources, and a command that repeats each run."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import altair as alt
import html5lib
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import i18n
from core.audits import AUDITS
from core.brief import Brief, Figure, FirstPage, Table, command_of, file_name, run_sources, table_of, to_html
from core.brief.first_page import MOST_RUNS, shortened, works_only_here
from core.brief.svg import inline
from core.charts.palette import LIGHT
from core.cli.specs import read_order, with_flags
from core.findings.confidence import Stated
from core.runs import parse_spec
from core.settings import DATA
from core.store import Store
from tests.unit.store_rows import info

MADE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
EVIL = """<script>alert(1)</script><img src=x onerror=alert(1)>"'&</title></style></svg><!-- ]]>"""
CANARY = "canary&4f1c9b7e2d8a"
QUESTIONS = tuple(f"Question {n} to a vendor, of about the length that such a question has on paper?" for n in range(5))


def draw(palette, t):
    frame = pd.DataFrame({"x": [1, 2], "y": [EVIL, "中文"]})
    marks = alt.Chart(frame).mark_bar(clip=True)
    return marks.encode(x="x", y="y", color="x:Q", tooltip=["y"], href=alt.value("https://evil.example/"))


def figure_of(text: str) -> Figure:
    """A chart of its own: two of them are not the same drawing."""
    return Figure(title=text, description=text, draw=lambda palette, t: draw(palette, t), note=text)


def first(text: str = "plain", **changes) -> FirstPage:
    said = Stated(f"{text} bottom", "high", text)
    values = {"bottom": said, "findings": (said._replace(text=text),), "figure": figure_of(text)}
    return FirstPage.model_validate({**values, "limits": QUESTIONS[:3], "questions": QUESTIONS, **changes})


def brief(text: str = "plain", **changes) -> Brief:
    figures = (figure_of(text), figure_of(text))
    table = Table(title=text, columns=(text, "n"), rows=((text, "1"),), numbers=(1,), note=text, left_out=3)
    values = {"title": text, "finding": (text,), "method": (text,), "limits": (text,), "figures": figures}
    values["first"] = first(text)
    return Brief.model_validate({**values, "tables": (table,), "data": (text,), "view": f"/x?a={text}", **changes})


@pytest.fixture(scope="module")
def shipped() -> Store:
    return Store(DATA / "runs")


@pytest.fixture(scope="module")
def whole(shipped) -> str:
    return to_html(brief(EVIL, runs=run_sources(shipped, shipped.runs()["run_id"])), LIGHT, "en", MADE)


def lines_of(tree, name: str) -> list[str]:
    """The words of each element of the class ``name``."""
    return ["".join(one.itertext()) for one in tree.iter() if name in str(one.attrib.get("class", "")).split()]


def part(text: str, name: str) -> str:
    """All words of the one element of the class ``name``."""
    (found,) = lines_of(strictly(text), name)
    return found


def strictly(text: str):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def test_the_file_is_valid_html_and_holds_nothing_that_runs_or_is_fetched(whole):
    tree = strictly(whole)
    assert tree.tag == "html"
    names = {element.tag.rpartition("}")[2] for element in tree.iter() if isinstance(element.tag, str)}
    assert not names & {
        "script",
        "img",
        "image",
        "iframe",
        "object",
        "embed",
        "link",
        "base",
        "form",
        "a",
        "foreignObject",
    }
    for element in tree.iter():
        for name, value in element.attrib.items():
            local = str(name).rpartition("}")[2]
            assert not local.startswith("on"), (element.tag, name)
            assert local not in ("src", "srcset", "action", "data", "background"), (element.tag, name)
            if local == "href":
                assert value.startswith("#")
    assert "@import" not in whole
    assert not re.findall(r"url\(\s*['\"]?(?!#)", whole)
    assert tree.find("head/title").text == EVIL


def test_every_id_is_there_once_and_every_reference_is_met(whole):
    ids = re.findall(r"\sid=[\"']([^\"']+)", whole)
    assert len(ids) == len(set(ids))
    assert len(ids) >= 4, "both charts clip and have a gradient"
    assert set(re.findall(r"url\(#([^)]+)\)", whole)) <= set(ids)


@given(st.text(max_size=60))
def test_any_text_of_a_user_stays_text(text):
    words = brief(text, figures=(), title=f"T{text}", first=first(text, figure=None))
    tree = strictly(to_html(words, LIGHT, "en", MADE))
    names = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not names & {"script", "img", "iframe", "b", "i"}


def test_the_first_page_has_the_whole_brief_and_the_annex_does_not_say_it_again(shipped):
    line, more, limit = "The first finding, +0.1 [0.0, 0.2].", "Another sentence.", "Another limit."
    page = first(findings=(Stated(line, "low", "Because of this."),))
    made = brief(
        first=page,
        finding=(page.bottom.text, line, more, more),
        limits=(*page.limits, limit),
        figures=(page.figure, figure_of("second")),
        view="https://parallax.example/alignment?ui=en&al=zh",
        runs=run_sources(shipped, ["demo-edc-wave-1"]),
    )
    text = to_html(made, LIGHT, "en", MADE)
    t = i18n.texts()
    front, behind = part(text, "first"), part(text, "annex")
    for words in (page.bottom.text, line, t("confidence.high"), t("confidence.low"), "Because of this.", made.view):
        assert words in front
        assert words not in behind
    assert all(words in front and words not in behind for words in (*page.limits, *page.questions))
    assert "demo-edc-wave-1" in front
    assert behind.count(more) == 1
    assert limit in behind
    assert text.count("<svg") == 2, "the chart of the first page is drawn once"


def test_what_the_first_page_shortens_or_cannot_name_is_counted_and_stands_in_the_annex(shipped):
    text = "a very long sentence of a reader " * 40
    runs = run_sources(shipped, shipped.runs()["run_id"])
    whole = to_html(brief(first=first(bottom=Stated(text, "open", "")), runs=runs), LIGHT, "en", MADE)
    front, behind = part(whole, "first"), part(whole, "annex")
    assert shortened(text) in front
    assert shortened(text).endswith("…")
    assert text not in front
    assert text in behind
    assert len(runs) > MOST_RUNS
    assert i18n.texts()("brief.more_runs", n=len(runs) - MOST_RUNS) in front
    assert all(source.run_id in behind for source in runs)


@given(st.text(max_size=900), st.integers(10, 500))
def test_a_shortened_text_is_no_longer_than_allowed_and_begins_as_it_did(text, most):
    short = shortened(text, most)
    assert text.startswith(short.removesuffix("…"))
    assert len(short) <= most
    assert short == text or short.endswith("…")


def test_an_address_of_ones_own_computer_is_said_to_be_one():
    assert works_only_here("/alignment?al=zh")
    assert works_only_here("http://127.0.0.1:8501/alignment")
    assert works_only_here("http://localhost:8501/")
    assert not works_only_here("https://parallax.example/alignment?al=zh")


@pytest.mark.parametrize("text", ["one\rtwo", "one\ntwo", "one\ttwo\x0b"])
def test_the_label_of_a_drawing_may_have_any_spaces(text):
    assert 'aria-label="one two"' in to_html(brief(text), LIGHT, "en", MADE)
    strictly(to_html(brief(text), LIGHT, "en", MADE))


@pytest.mark.parametrize("language", i18n.languages())
def test_each_language_of_the_interface_has_its_brief(language, shipped):
    text = to_html(brief(runs=run_sources(shipped, ["demo-edc-wave-1"])), LIGHT, language, MADE)
    assert strictly(text).attrib["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert i18n.texts(language)("brief.limits") in text


def test_the_date_is_in_the_readers_words_and_the_print_sheet_is_inside():
    english = to_html(brief(figures=()), LIGHT, "en", MADE)
    assert "23 Nov 2026" in english
    assert "@page" in english
    assert "@media print" in english


def test_a_key_that_somebody_typed_into_a_title_is_blotted_out(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-from-the-environment")
    text = to_html(brief(f"my key {CANARY} and sk-canary-4f1c9b7e2d8a"), LIGHT, "en", MADE, secrets=[CANARY])
    assert "canary" not in text
    assert "[key removed]" in text
    strictly(text)


def test_provenance_names_runs_revisions_dates_and_hashes_as_the_store_has_them(shipped, whole):
    for run_id in shipped.runs()["run_id"]:
        kept = shipped.info(run_id)
        assert run_id in whole
        assert f"{kept.created:%Y-%m-%d %H:%M} UTC" in whole
        for model, revision in kept.models.items():
            assert f"{model} @ {revision}" in whole
        for name, shard in kept.shards.items():
            assert f"{name}: {shard.sha256}" in whole


def audit_runs(store: Store) -> list[str]:
    """Shipped runs that `python -m core run` makes; traces have a command of their own."""
    runs = store.runs()
    return list(runs.loc[runs["kind"].isin(list(AUDITS)), "run_id"])


def test_the_command_of_a_shipped_run_names_a_spec_that_makes_it(shipped):
    for run_id in audit_runs(shipped):
        kept = shipped.info(run_id)
        words = shlex.split(command_of(kept) or "")
        assert words[:4] == ["python", "-m", "core", "run"]
        order = read_order(DATA.parent / Path(words[4]))
        assert parse_spec(order.audit, order.spec) == parse_spec(order.audit, kept.spec)
        assert words[5:] == ["--id", f"{run_id}-again", "--fresh"]


def test_the_command_of_ones_own_run_makes_the_same_spec(shipped):
    for run_id in audit_runs(shipped):
        own = shipped.info(run_id).model_copy(update={"run_id": "mine"})
        words = shlex.split(command_of(own) or "")
        settings = [word for flag, word in pairwise(words) if flag == "--set"]
        audit = words[words.index("--audit") + 1]
        assert parse_spec(audit, with_flags({}, {}, settings)) == parse_spec(audit, own.spec)
        assert "--fresh" in words


def test_single_questions_have_no_command_and_the_brief_says_so():
    asked = info("probe-1", kind="probe", title=EVIL)
    assert command_of(asked) is None


def test_a_trace_run_that_shipped_names_its_spec():
    made = info("mark-demo", kind="traces", spec={})
    assert "core run data/specs/mark-demo.toml" in (command_of(made) or "")


def test_a_table_keeps_its_numbers_counts_what_it_cuts_and_marks_what_is_missing():
    frame = pd.DataFrame({"who": ["a", None, "c"], "x": [0.12345, float("nan"), -1.0], "n": [1, 2, 3]})
    table = table_of(frame, "T", most=2)
    assert table.rows == (("a", "0.123", "1"), ("–", "–", "2"))
    assert table.numbers == (1, 2)
    assert table.left_out == 1
    assert table_of(pd.DataFrame(), "T").rows == ()


def test_a_drawing_loses_scripts_links_and_events():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" onload="x()">'
        '<script>x()</script><a xlink:href="https://evil.example"><text onclick="x()">kept</text></a>'
        '<style>@import "https://evil.example"</style><image href="https://evil.example/x.png"/>'
        '<use xlink:href="#g"/><g id="g" fill="url(https://evil.example/#g)" clip-path="url(#g)"/></svg>'
    )
    drawn = inline(svg, "f1", "what it shows")
    assert "kept" in drawn
    assert "evil" not in drawn
    assert "x()" not in drawn
    assert 'href="#f1-g"' in drawn
    assert 'clip-path="url(#f1-g)"' in drawn
    assert 'aria-label="what it shows"' in drawn


def test_the_file_name_has_the_date():
    assert file_name("alignment", MADE) == "parallax-alignment-2026-11-23.html"
