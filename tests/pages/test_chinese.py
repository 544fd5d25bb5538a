"""In Chinese no English sentence of the interface remains on any page, and the language goes where the reader goes."""

import ast
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from core import i18n
from core.runs.bank import load_bank
from core.store.sandbox.sql import EXAMPLES
from core.surveys import SURVEYS
from core.surveys.published import QUOTED, STUDIES, positions, study
from core.text import plain
from pages.parts.shared.texts import keeping_language, t
from tests.pages.test_pages import as_read

PAGES = Path(__file__).resolve().parents[2] / "pages"

VIEWS = [
    ("start", {}),
    ("start", {"prompt": "zh", "as": "CHN"}),
    ("probe", {"mode": "own"}),
    ("traces", {"two": "two"}),
    ("runs", {"run": "demo-countries-en"}),
    ("runs", {"view": "new"}),
    ("runs", {"view": "compare", "a": "demo-countries-en", "b": "demo-countries-zh"}),
    ("runs", {"view": "sql"}),
    ("stability", {"run": "demo-edc-escalation"}),
    ("stability", {"smode": "live"}),
    ("alignment", {}),
    ("china_west", {}),
    ("world", {}),
    ("country", {}),
    ("compare", {}),
    ("claims", {}),
    ("representation", {}),
    ("citizens", {}),
    ("learn", {}),
    ("learn", {"with_class": "class"}),
    ("learn", {"join": "ABCDE"}),
    ("models", {}),
    ("model", {"mc": "smollm2-135m-instruct"}),
    ("ranking", {}),
    ("tuned", {}),
    ("answers", {}),
    *(("story", {"slide": str(n)}) for n in range(1, 6)),
    ("method", {}),
]
"""What a reader can open without a model: page and parameters."""

NOT_PROSE = {"code", "json", "arrow_data_frame_index"}
HIDDEN_FIELDS = {
    "default",
    "id",
    "key",
    "form_id",
    "element_id",
    "url",
    "url_path",
    "icon",
    "font",
    "data",
    "mime_type",
    "page",
}
HIDDEN_FIELDS |= {"image_url", "arrow_data", "media_file_url", "script_hash", "page_script_hash", "page_hash", "spec"}
HIDDEN_FIELDS |= {"columns", "styler", "width", "height", "color", "type", "unit", "fragment_id", "format", "language"}

LATIN_LABELS = {
    "Parallax",
    "English",
    "PNG",
    "SVG",
    "CSV",
    "SQL",
    "DuckDB",
    "Parquet",
    "ZIP",
    "SHA-",
    "Alpha",
    "Se",
    "Si",
    "Ne",
    "Ni",
    "Te",
    "Ti",
}
LATIN_LABELS |= {"Fe", "Fi"}

CITED = (
    "Made in China, Thinking in America",
    "Ethical Dilemma Corpus",
    "World Values Survey",
    "OpenAI",
    "vLLM, SGLang, Ollama, LM Studio, llama.cpp",
    "question, option, group, share, n",
    "made up",
)

WORDS = re.compile(r"[A-Za-z][A-Za-z'’]*(?:[\s,;:]+[A-Za-z][A-Za-z'’]*){3,}")
CJK = re.compile(r"[\u4e00-\u9fff]")


def data_texts() -> list[str]:
    """English that is data and not interface: models, questions as they are put, surveys and their licences, titles."""
    bank = load_bank()
    out = [*CITED, *EXAMPLES.values()]
    for model in bank.models.values():
        out += [model.name, model.developer, model.family, model.licence, model.note, model.tuning]
    for survey in (SURVEYS[name] for name in SURVEYS):
        out += [survey().title, survey().source, survey().licence]
    for path in (PAGES.parent / "data" / "runs").glob("*/run.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        out += [told.get("note") or ""]
    answers = list((PAGES.parent / "data" / "runs").glob("*citizens*/responses-*.parquet"))
    texts = {text for path in answers for text in pd.read_parquet(path, columns=["text"])["text"].dropna()}
    out += [text for text in texts if WORDS.search(text)]  # a lone "B" would be cut out of every word that has one
    out += positions()["model"].to_list()
    out += [form for name in (*STUDIES, *QUOTED) for form in (study(name).title, plain(study(name).title))]
    out.append((PAGES.parent / "data" / "SOURCES.md").read_text(encoding="utf-8").strip())
    return sorted({text for text in out if text}, key=len, reverse=True)


def prose(text: str, known: list[str]) -> str:
    """``text`` without data, code, links and formulas."""
    for piece in known:
        text = text.replace(piece, " | ")
    return re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$|:material/\w+:|https?://\S+|\]\([^)]*\)", " | ", text, flags=re.DOTALL)


def strings(message: Message) -> Iterator[tuple[str, str]]:
    """Every text of a protobuf message by the name of its field."""
    for field, value in message.ListFields():
        if field.name in HIDDEN_FIELDS:
            continue
        for one in value if field.is_repeated else [value]:
            if isinstance(one, str):
                yield field.name, one
            elif isinstance(one, Message):
                yield from strings(one)


def chart_texts(spec: object) -> Iterator[str]:
    """Titles and legend entries of a Vega-Lite chart."""
    if isinstance(spec, dict):
        for name, value in spec.items():
            if name in ("title", "text") and isinstance(value, str | list):
                yield " ".join([value] if isinstance(value, str) else [part for part in value if isinstance(part, str)])
            elif name == "domain" and isinstance(value, list):
                yield from (part for part in value if isinstance(part, str))
            elif name != "datasets":
                yield from chart_texts(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from chart_texts(value)


def shown(test: AppTest) -> Iterator[tuple[str, str, str]]:
    """(kind of element, field, text) of everything that a reader can see."""
    for root in (test.main, test.sidebar):
        for node in root:
            proto = getattr(node, "proto", None)
            kind = getattr(node, "type", "")
            if proto is None or kind in NOT_PROSE:
                continue
            for field, text in strings(proto):
                yield kind, field, text
            if hasattr(proto, "spec") and proto.spec:
                for text in chart_texts(json.loads(proto.spec)):
                    yield kind, "chart", text
            value = getattr(node, "value", None)
            if isinstance(value, pd.DataFrame):
                config = json.loads(proto.columns) if getattr(proto, "columns", "") else {}
                for name in value.columns:
                    yield kind, "column", str((config.get(name) or {}).get("label") or name)
                    yield from ((kind, "cell", cell) for cell in set(value[name]) if isinstance(cell, str))


def english(test: AppTest, known: list[str]) -> list[str]:
    """Sentences and labels that a Chinese reader would meet in English."""
    found = []
    for kind, field, text in shown(test):
        if "<|im_start|>" in text:
            continue  # an English prompt, exactly as a model read it
        bare = prose(as_read(text), known)
        if WORDS.search(bare):
            found.append(f"{kind}.{field}: {text[:120]}")
        elif field in ("label", "options", "column", "chart", "placeholder", "help") and not CJK.search(bare):
            left = set(re.findall(r"[A-Za-z][A-Za-z-]+", bare)) - LATIN_LABELS
            if left:
                found.append(f"{kind}.{field}: {text[:120]}")
    return found


KNOWN: list[str] = []


@pytest.fixture
def chinese(monkeypatch):
    """Chinese outside a script run too: ``AppTest`` words the options of a widget there before it sends a value."""
    monkeypatch.setattr(i18n, "DEFAULT", "zh")


@pytest.fixture
def known() -> list[str]:
    """The data's own English, read once."""
    if not KNOWN:
        KNOWN.extend(data_texts())
    return KNOWN


def test_the_views_cover_every_page():
    assert {page for page, _ in VIEWS} == {path.stem for path in PAGES.glob("[!_]*.py")}


@pytest.mark.parametrize(("page", "query"), VIEWS)
def test_no_english_sentence_of_the_interface_remains(app, known, page, query):
    test = app(page, ui="zh", **query)
    assert not test.exception
    assert not english(test, known)


def test_the_walk_would_see_an_english_text(app):
    found = english(app("probe"), [])
    assert any(line.startswith("button.label: Ask") for line in found)
    assert any("See what a language model would answer" in line for line in found)


def test_a_measured_answer_is_all_in_chinese(app, known, chinese):
    test = app("probe", ui="zh")
    test.multiselect(key="m").set_value(["mock"]).run()
    test.button(key="ask").click().run()
    end = time.monotonic() + 20
    while (test.button(key="ask").disabled or not test.get("vega_lite_chart")) and time.monotonic() < end:
        time.sleep(0.05)
        test.run()
    assert test.get("vega_lite_chart")
    assert not test.exception
    assert not english(test, known)


def test_the_switch_changes_the_page_the_url_and_what_comes_after(app):
    test = app("start")
    assert "ui" not in test.query_params
    switch = test.sidebar.segmented_control(key="ui_switch")
    assert list(switch.options) == ["English", "中文"]
    switch.set_value("zh").run()
    assert test.title[0].value == "语言模型代表谁的价值观？"
    assert test.query_params["ui"] == "zh"
    test.query_params.clear()  # as Streamlit does on a page change
    test.switch_page("pages/runs.py").run()
    assert test.title[0].value == "运行记录"
    assert test.query_params["ui"] == "zh"
    test.sidebar.segmented_control(key="ui_switch").set_value("en").run()
    assert test.title[0].value == "Runs"
    assert "ui" not in test.query_params


def test_a_link_in_chinese_keeps_the_selection_and_the_language(app, chinese):
    test = app("start", ui="zh", prompt="zh")
    assert test.segmented_control(key="prompt").value == "zh"
    assert test.query_params == {"ui": "zh", "prompt": "zh"}
    test.segmented_control(key="prompt").set_value("en").run()
    assert test.query_params == {"ui": "zh"}


def test_an_unknown_language_in_the_url_is_english(app):
    test = app("start", ui="tlh")
    assert test.title[0].value == "Whose values does a language model speak for?"
    assert "ui" not in test.query_params


def test_what_the_reader_has_chosen_and_typed_stays_when_the_language_changes(app):
    test = app("probe", mode="own", country="DEU")
    test.text_area(key="own_stem").set_value("Tea or coffee?").run()
    test.sidebar.segmented_control(key="ui_switch").set_value("zh").run()
    assert test.text_area(key="own_stem").value == "Tea or coffee?"
    assert test.multiselect(key="country").value == ["DEU"]
    assert test.title[0].value == "问一个问题"


def test_nothing_that_is_cached_holds_a_text_of_one_language():
    for path in sorted(PAGES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any("cache_" in ast.unparse(d) for d in node.decorator_list):
                inside = {
                    call.func.id
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                }
                assert not inside & {"t", "term", "ui_language", "country"}, f"{path.name}: {node.name}"


def test_a_download_that_is_written_later_is_in_the_language_of_the_page(monkeypatch):
    monkeypatch.setattr(i18n, "DEFAULT", "zh")
    later = keeping_language(lambda: t("chart.model"))
    monkeypatch.setattr(i18n, "DEFAULT", "en")
    assert (later(), t("chart.model")) == ("模型", "Model")
