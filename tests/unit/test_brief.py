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
from core.brief import Brief, Figure, Table, command_of, file_name, run_sources, table_of, to_html
from core.brief.svg import inline
from core.charts.palette import Palette
from core.cli.specs import read_order, with_flags
from core.runs import parse_spec
from core.settings import DATA
from core.store import Store
from tests.unit.store_rows import info

PAPER = Palette(human="#46525f", series=("#0b6ba8", "#c2500a"), text="#1c2733", background="#ffffff", rule="#7d8894")
MADE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
EVIL = """<script>alert(1)</script><img src=x onerror=alert(1)>"'&</title></style></svg><!-- ]]>"""
CANARY = "canary&4f1c9b7e2d8a"


def draw(palette, t):
    frame = pd.DataFrame({"x": [1, 2], "y": [EVIL, "中文"]})
    marks = alt.Chart(frame).mark_bar(clip=True)
    return marks.encode(x="x", y="y", color="x:Q", tooltip=["y"], href=alt.value("https://evil.example/"))


def brief(text: str = "plain", **changes) -> Brief:
    figure = Figure(title=text, description=text, draw=draw, note=text)
    table = Table(title=text, columns=(text, "n"), rows=((text, "1"),), numbers=(1,), note=text, left_out=3)
    values = {"title": text, "finding": (text,), "method": (text,), "limits": (text,), "figures": (figure, figure)}
    return Brief.model_validate({**values, "tables": (table,), "data": (text,), "view": f"/x?a={text}", **changes})


@pytest.fixture(scope="module")
def shipped() -> Store:
    return Store(DATA / "runs")


@pytest.fixture(scope="module")
def whole(shipped) -> str:
    return to_html(brief(EVIL, runs=run_sources(shipped, shipped.runs()["run_id"])), PAPER, "en", MADE)


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
    tree = strictly(to_html(brief(text, figures=(), title=f"T{text}"), PAPER, "en", MADE))
    names = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not names & {"script", "img", "iframe", "b", "i"}


@pytest.mark.parametrize("language", i18n.languages())
def test_each_language_of_the_interface_has_its_brief(language, shipped):
    text = to_html(brief(runs=run_sources(shipped, ["demo-edc-wave-1"])), PAPER, language, MADE)
    assert strictly(text).attrib["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert i18n.texts(language)("brief.limits") in text


def test_the_date_is_in_the_readers_words_and_the_print_sheet_is_inside():
    english = to_html(brief(figures=()), PAPER, "en", MADE)
    assert "23 Nov 2026" in english
    assert "@page" in english
    assert "@media print" in english


def test_a_key_that_somebody_typed_into_a_title_is_blotted_out(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-from-the-environment")
    text = to_html(brief(f"my key {CANARY} and sk-canary-4f1c9b7e2d8a"), PAPER, "en", MADE, secrets=[CANARY])
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
