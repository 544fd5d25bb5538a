"""Every interface text is there, is used, and is nowhere written into a page."""

import ast
import json
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import streamlit as st
from jinja2 import Environment, nodes
from markdown_it import MarkdownIt

from core import i18n
from core.audits.alignment.decomposition import PARTS
from core.audits.choice import Edition
from core.audits.citizens.checks import RULES
from core.audits.citizens.plan import SOURCES as DIVERSITY
from core.audits.option_table import AVERAGINGS
from core.audits.stability.waves import Kind as WaveKind
from core.audits.traces.faithfulness import VERDICTS
from core.audits.traces.gain import GROUPINGS, MEASURES
from core.audits.traces.types import INTERVENTIONS, PROBLEMS, STAGES
from core.errors import ParallaxError
from core.findings.card import LIMITS
from core.findings.china_west import CONTRASTS
from core.findings.china_west import MEASURES as CW_MEASURES
from core.findings.china_west.alike import PUBLICS
from core.findings.china_west.alike import VERDICTS as ALIKE_VERDICTS
from core.findings.china_west.instruments import INSTRUMENTS, ITEM_KEYS, PAIRS
from core.findings.claims.sources import RULES as CLAIM_RULES
from core.findings.claims.verdicts import CLAIMS, REASONS
from core.findings.claims.verdicts import VERDICTS as CLAIM_VERDICTS
from core.findings.compare import AUDIT_NAMES
from core.findings.compare import VERDICTS as COMPARE_VERDICTS
from core.findings.confidence import CONFIDENCES
from core.findings.lesson import OUTCOMES
from core.findings.lesson import STEPS as LESSON_STEPS
from core.findings.lesson import VERDICTS as LESSON_VERDICTS
from core.findings.map import PLACES as MAP_PLACES
from core.findings.segments import BASELINES
from core.findings.tuned.learned import MEASURES as TUNED_MEASURES
from core.findings.tuned.learned import QUADRANTS, WHO, Verdict
from core.findings.tuned.planted import PARTS as PLANTED_PARTS
from core.findings.tuned.planted import TOLD
from core.findings.world import BASIS, EVEN, INDICES, OTHERS
from core.i18n.entry import Entry, forms_of, nouns_in
from core.prompts.traces import FLAGS, FUNCTIONS, LEVELS
from core.store.index.reader import MASSES
from core.store.sandbox.sql import EXAMPLES
from core.surveys.dilemmas import DOMAINS, VALUES
from core.surveys.importing.layout import ROLES
from core.surveys.published.figures import LANGUAGES as STUDY_LANGUAGES
from core.tuning.spec import PARTS as WATCHED
from core.types import AGES, EDUCATIONS, KINDS, LANGUAGES, SEXES, WeightStatus

ROOT = Path(__file__).resolve().parents[2]
DRAWN = [path for room in ("charts", "brief") for path in sorted((ROOT / "core" / room).glob("*.py"))]
TEMPLATES = sorted((ROOT / "core").rglob("*.j2"))
SENTENCES = ROOT / "core" / "findings" / "wording.py"
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *DRAWN, SENTENCES]


def kinds_of(error: type[ParallaxError]) -> set[str]:
    """The kinds of ``error`` and of all that come from it, as the errors of core have them."""
    return {error.kind}.union(*(kinds_of(child) for child in error.__subclasses__()))


BRIEFS = (
    "start",
    "probe",
    "china_west",
    "claims",
    "compare",
    "alignment",
    "representation",
    "citizens",
    "stability",
    "traces",
)
"""Pages that offer a brief."""

ADDED = tuple(dict.fromkeys(name for rules in CLAIM_RULES.values() for name in rules))
FAMILIES = {
    "learn_step": (*LESSON_STEPS, "end"),
    "learn_title": LESSON_STEPS,
    "learn_scene": LESSON_STEPS,
    "learn_ask": LESSON_STEPS,
    "learn_discuss": LESSON_STEPS,
    "learn_on": LESSON_STEPS,
    "learn_verdict": LESSON_VERDICTS,
    **{f"learn_{step}": values for step, values in OUTCOMES.items()},
    **{f"learn_{step}_title": values for step, values in OUTCOMES.items()},
    "learn_pair": ("none_CHN", "none_USA", "CHN_USA", "people"),
    "class_way": ("alone", "class"),
    "learn_change": ("again", "paraphrase", "order", "language"),
    "story_slide": ("question", "picture", "coin", "settle", "vendor"),
    "story_part": ("question", "asked", "both"),
    "story_on": ("probe", "world", "ranking", "claims", "learn"),
    "ui_language": i18n.languages(),
    "moving_part": ("content", "order", "format", "wording", "language", "persona", "order_x_language", "rest"),
    "aside": ("questions", "variants", "items"),
    "aside_apart": ("questions", "variants"),
    "weighting": ("none", "applied"),
    "size_class": ("tiny", "small", "large", "unknown"),
    "reads": ("full", "top_k", "sampled"),
    "can_tell": ("full", "top_k", "sampled"),
    "origin_choice": ("unknown", "China", "West", "other"),
    "survey": ("wvs7",),
    "sex": SEXES,
    "age": AGES,
    "education": EDUCATIONS,
    "group": (*SEXES, *AGES, *EDUCATIONS),
    "language": LANGUAGES,
    "attribute": ("country", "sex", "age", "education"),
    "method_help": ("full", "top_k", "sampled"),
    "distance": ("emd", "total_variation"),
    "ask_mode": ("bank", "own", "free"),
    "not_asked": ("no_country", "not_asked"),
    "text_outcome": ("invalid", "refusal"),
    "stability_mode": ("run", "live"),
    "stability_take": ("corpus", "own"),
    "stability_axis": ("again", "repeat", "order", "paraphrase", "language", "consequence", "escalation"),
    "stability_way": ("sequence", "alone"),
    "wave_kind": get_args(WaveKind),
    "ambiguity": ("all", "high", "low"),
    "question_kind": KINDS,
    "edition": tuple(map(str, get_args(Edition))),
    "dilemma_domain": ("any", *DOMAINS, "own"),
    "value": VALUES,
    "runs_view": ("list", "new", "compare", "sql"),
    "run_status": ("planned", "queued", "running", "done", "cancelled", "failed", "interrupted"),
    "run_verdict": ("changed", "noise", "more_than_noise", "unknown_noise"),
    "sql_example": tuple(EXAMPLES),
    "error_kind": tuple(sorted(kinds_of(ParallaxError))),
    "run_part": ("models", "prompts", "libraries", "spec"),
    "citizens_arm": ("none", *DIVERSITY, "all", "written"),
    "citizens_rule": RULES,
    "citizens_kind": ("options", "text"),
    "told": ("none", "country", "group"),
    "dimension": ("age", "sex", "education", "age_x_sex"),
    "verdict": ("further", "nearer", "none"),
    "import_role": ROLES,
    "averaging": AVERAGINGS,
    "measure": ("skill_uniform", "skill_others", "published"),
    "trait": ("parameters", "tuning", "family"),
    "traces_count": ("one", "two"),
    "traces_stage": STAGES,
    "traces_stage_about": STAGES,
    "traces_step": (
        "profile",
        "dominant",
        "auxiliary",
        "stack",
        "direct",
        "weights",
        "vote",
        "conclusion",
        "explanation",
    ),
    "traces_level": LEVELS,
    "traces_flag": FLAGS,
    "traces_function": FUNCTIONS,
    "traces_problem": PROBLEMS,
    "traces_intervention": INTERVENTIONS,
    "traces_verdict": VERDICTS,
    "traces_by": GROUPINGS,
    "traces_measure": MEASURES,
    "traces_gain": ("nearer", "farther", "unclear"),
    "cw_group": ("China", "West", "mixed", "other", "difference", "all", "baseline"),
    "cw_measure": CW_MEASURES,
    "cw_axis": CW_MEASURES,
    "cw_change_axis": CW_MEASURES,
    "cw_contrast": tuple(CONTRASTS),
    "cw_side": ("USA", "CHN", "even"),
    "cw_source": ("published", "shipped", "own"),
    "claim": tuple(CLAIMS),
    "claim_says": tuple(CLAIMS),
    "claim_rests": tuple(CLAIMS),
    "claim_test": tuple(CLAIMS),
    "claim_unit": tuple(CLAIMS),
    "claim_verdict": CLAIM_VERDICTS,
    "claim_reason": REASONS,
    "claim_side": ("China", "West", "mixed", "other", "llama3", "mistral", "full", "rlhf", "neither", "all"),
    "claim_stream": ("published", "runs"),
    "evidence": ADDED,
    "evidence_unit": ADDED,
    "evidence_test": ADDED,
    "instrument": tuple(INSTRUMENTS),
    "instrument_axis": tuple(INSTRUMENTS),
    "instrument_limits": tuple(INSTRUMENTS),
    "instrument_item": ITEM_KEYS,
    "pair": PAIRS,
    "segment_baseline": BASELINES,
    "study_language": STUDY_LANGUAGES,
    "instrument_public": ("China", "USA", "world"),
    "alike_verdict": ALIKE_VERDICTS,
    "alike_to": tuple(PUBLICS),
    "alike_lead": tuple(PUBLICS),
    "drift_kind": ("calendar", "release"),
    "study_terms": ("MIT", "Apache-2.0", "CC-BY-4.0", "quoted"),
    "claim_cluster": ("developers", "families", "models"),
    "confidence": CONFIDENCES,
    "brief_baseline": ("skill_uniform", "skill_others", "published"),
    "brief_unit": CW_MEASURES,
    "brief_claims": ("supported", "not_supported"),
    "vendor": (*BRIEFS, "all"),
    "brief_limits": (
        "start",
        "china_west",
        "alignment",
        "representation",
        "stability",
        "probe",
        "compare",
        "traces",
        "citizens",
        "claims",
        "all",
    ),
    "compare_preset": ("languages", "waves"),
    "compare_measure": ("skill", "jsd"),
    "compare_audit": AUDIT_NAMES,
    "compare_axis": ("skill", "jsd", *AUDIT_NAMES[1:]),
    "compare_apart": ("skill", "jsd", *AUDIT_NAMES[1:]),
    "compare_points_help": ("skill", "jsd", *AUDIT_NAMES[1:]),
    "compare_verdict": COMPARE_VERDICTS,
    "compare_missing": AUDIT_NAMES,
    "map_place": MAP_PLACES,
    "card_part": tuple(part.replace(" x ", "_") for part in PARTS),
    "card_limit": LIMITS,
    "reader_mass": MASSES,
    "reader_differ": ("all", "differ"),
    "reader_labels": ("letters", "numbers"),
    "scope_runs": ("all", "shipped", "own"),
    "scope_also": ("single", "mock", "tuned"),
    "tuned_quadrant": QUADRANTS,
    "tuned_measure": TUNED_MEASURES,
    "tuned_help": TUNED_MEASURES,
    "tuned_who": WHO,
    "tuned_part": WATCHED,
    "tuned_questions": PLANTED_PARTS,
    "tuned_verdict": get_args(Verdict),
    "tuned_rank": TOLD,
    "tuned_age": ("near", "open", "far"),
    "world_shows": ("people", "index", "model"),
    "world_index": INDICES,
    "world_index_about": INDICES,
    "world_basis": BASIS,
    "world_drawn": ("distance", "net"),
    "world_weights": get_args(WeightStatus),
    "country_baseline": (EVEN, OTHERS),
    "coverage_rule": ("mean", "skill", "share", "percentile", "false_findings", "small", "two_way"),
}
"""Closed sets whose words are looked up by value."""

OPEN_FAMILIES = (
    "brief_line",
    "confidence_why",
    "run_title",
    "item_column",
    "lean_column",
    "stability_variant",
    "stability_column",
    "run_kind",
    "run_outcome",
    "spec_field",
    "spec_value",
    "topic",
    "stage",
    "method",
    "origin",
    "persona_country",
)
"""Families with further keys of their own, checked elsewhere or by the pages' tests."""


def calls(name: str) -> set[str]:
    """First arguments of all calls ``name("...")`` in the interface."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
                elif name == "t" and path.name != "texts.py":
                    pytest.fail(f"{path.name}:{node.lineno}: a key is not written out; use term()")
    for path in TEMPLATES:
        for call in Environment(autoescape=True).parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == name:
                assert isinstance(call.args[0], nodes.Const), f"{path.name}:{call.lineno}: a key is not written out"
                found.add(call.args[0].value)
    return found


def test_every_key_that_is_used_exists():
    missing = calls("t") - set(i18n.catalogue())
    assert not missing


@pytest.mark.parametrize("language", i18n.languages())
def test_every_language_has_the_same_files_and_each_says_a_table_of_its_own(language):
    files = tables_of(language)
    assert {name: tables - {i18n.COUNTS} for name, tables in files.items()} == {
        name: tables - {i18n.COUNTS} for name, tables in tables_of(i18n.DEFAULT).items()
    }
    tables = [table for names in files.values() for table in names]
    assert len(tables) == len(set(tables)), "a table stands in two files"


def tables_of(language: str) -> dict[str, set[str]]:
    """Names of the tables in each file of ``language``."""
    return {path.name: set(tomllib.loads(path.read_text(encoding="utf-8"))) for path in folder(language)}


def folder(language: str) -> list[Path]:
    """The files of ``language``."""
    return sorted((i18n.FOLDER / language).glob("*.toml"))


def test_every_file_of_texts_is_called_after_a_page_or_says_what_several_share():
    pages = {path.stem for path in (ROOT / "pages").glob("[!_]*.py")}
    assert {path.stem for path in folder(i18n.DEFAULT)} == pages | {"app", "brief", "errors", "shared"}


def test_a_key_in_two_files_is_an_error(tmp_path):
    (tmp_path / "shared.toml").write_text("[one]\na = 'x'\n[two]\nb = 'y'", encoding="utf-8")
    (tmp_path / "page.toml").write_text("[two]\nc = 'z'", encoding="utf-8")
    assert set(i18n.read(tmp_path)) == {"one.a", "two.b", "two.c"}
    (tmp_path / "page.toml").write_text("[two]\nb = 'z'", encoding="utf-8")
    with pytest.raises(ValueError, match=r"two\.b stands in two files"):
        i18n.read(tmp_path)


def test_a_language_without_texts_is_an_error():
    with pytest.raises(FileNotFoundError):
        i18n.catalogue("xx")


def test_every_family_that_is_used_has_all_its_words():
    known = set(i18n.catalogue())
    assert calls("term") | calls("word") <= {*FAMILIES, *OPEN_FAMILIES}
    missing = {f"{family}.{value}" for family, values in FAMILIES.items() for value in values} - known
    assert not missing


def said_calls() -> dict[str, set[str]]:
    """Entries of the table ``error`` that the code says, each with the names of the values given with it."""
    found: dict[str, set[str]] = {}
    for path in [*sorted((ROOT / "core").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said" and node.args:
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path.name}:{node.lineno}: a key is not written out"
                given = {word.arg for word in node.keywords if word.arg}
                assert found.setdefault(first.value, given) == given, f"{path.name}:{node.lineno}: other values"
    return found


def places(entry: Entry | None) -> set[str]:
    """Names of the places in an entry."""
    texts = entry.forms.values() if entry else ()
    return {place for text in texts for _, place, _, _ in string.Formatter().parse(text) if place}


def every_text(language: str) -> Iterator[tuple[str, str]]:
    """Each form of each text of ``language``, with its key."""
    return ((key, text) for key, entry in i18n.catalogue(language).items() for text in entry.forms.values())


@pytest.mark.parametrize("language", i18n.languages())
def test_every_error_of_core_can_be_said_in_every_language(language):
    table = i18n.catalogue(language)
    for key, given in said_calls().items():
        message, hint = table[f"error.{key}.message"], table.get(f"error.{key}.hint")
        assert places(message) | places(hint) == given, key
        assert (hint is None) == (f"error.{key}.hint" not in i18n.catalogue()), key
        assert places(message) == places(i18n.catalogue()[f"error.{key}.message"]), key


def test_no_key_is_unused():
    families = (*FAMILIES, *OPEN_FAMILIES)
    used = calls("t") | {f"count.{noun}" for _, text in every_text(i18n.DEFAULT) for noun in nouns_in(text)}
    used |= {f"error.{key}.{part}" for key in said_calls() for part in ("message", "hint")}
    unused = {key for key in i18n.catalogue() if key not in used and key.split(".")[0] not in families}
    assert not unused


def test_no_text_is_empty_and_every_place_is_a_plain_name():
    for key, text in every_text(i18n.DEFAULT):
        assert text, key
        for _, place, _, _ in string.Formatter().parse(text):
            assert place is None or place.isidentifier(), (key, place)


def test_a_missing_key_is_an_error_and_not_an_empty_string():
    with pytest.raises(KeyError):
        i18n.texts()("no.such_key")


SILENT = {"code", "latex", "html", "switch_page", "set_option", "get_option", "ask"}
KEYED = {"page_link", "form", "Page", "navigation"}
SHOWING = {name for name in dir(st) if name[0].islower() and callable(getattr(st, name))} - SILENT - KEYED
SHOWING |= {name for name in dir(st.column_config) if name.endswith("Column")}
WORDED = {"label", "help", "title", "placeholder", "text", "alt", "caption", "page_title", "header"}
NAMES = {"PNG", "SVG", "CSV", "UTC"}
"""File formats and the like: the same in every language. ``KEYED`` calls begin with a page or a key, and have words."""


def literals(node: ast.AST) -> Iterator[str]:
    """Text written out in an expression, but not what stands inside another call."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp | ast.List | ast.Tuple):
        parts = {"test", "op"}
        for name, value in ast.iter_fields(node):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, ast.AST) and name not in parts:
                    yield from literals(one)


def own_words(text: str) -> bool:
    """Whether a reader would find words in ``text``, beside icons, code and names."""
    bare = re.sub(r":material/\w+:|`[^`]*`", " ", text)
    return bool(set(re.findall(r"[A-Za-z]{2,}|[\u4e00-\u9fff]", bare)) - NAMES)


def written_out(source: str, shown: set[str], worded: set[str]) -> list[str]:
    """Texts that a source file gives to a call that shows them: as first argument, or by the name of a text."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = node.args[:1] if isinstance(node.func, ast.Attribute) and name in shown else []
        if name not in {"t", "term", *SILENT}:
            given = given + [word.value for word in node.keywords if word.arg in worded]
        found += [f"{node.lineno}: {text[:40]}" for part in given for text in literals(part) if own_words(text)]
    return found


@pytest.mark.parametrize("path", [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))], ids=lambda path: path.stem)
def test_no_page_holds_a_text_of_its_own(path):
    assert not written_out(path.read_text(encoding="utf-8"), SHOWING, WORDED)


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_no_chart_holds_a_text_of_its_own(path):
    assert not written_out(
        path.read_text(encoding="utf-8"), {"title", "Title", "TitleParams"}, {"title", "description"}
    )


def test_no_template_holds_a_text_of_its_own():
    for path in TEMPLATES:
        tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        bare = "".join(data.data for data in tree.find_all(nodes.TemplateData))
        words = re.sub(r"<style>.*?</style>|<[^>]*>?|^[^<]*?>", " ", bare, flags=re.S)
        assert not own_words(words), words


def test_a_text_that_is_written_out_is_found_wherever_it_stands():
    source = """
st.button(f"**Press** {name}")
box.metric(t("a.b"), 1, help="Two words")
st.Page("pages/a.py", title="Start", icon=":material/home:")
st.markdown("yes " + t("a.b") if one else two)
st.text_input(t("a.b"), placeholder=f"{n} of them")
st.caption(f":material/lock: {t('a.b')} · `code`")
alt.X("a:Q", title="Share of people")
"""
    assert [line.split(":")[0] for line in written_out(source, SHOWING, WORDED)] == ["2", "3", "4", "5", "6", "8"]


LINK = re.compile(r"\]\(([^)]+)\)")
ICON = re.compile(r":material/\w+:")


def marks(entry: Entry, mark: re.Pattern[str]) -> list[str]:
    """What ``mark`` finds in an entry, the same in each of its forms."""
    found = [sorted(mark.findall(text)) for text in entry.forms.values()]
    assert all(one == found[0] for one in found), found
    return found[0]


@pytest.mark.parametrize("language", [name for name in i18n.languages() if name != i18n.DEFAULT])
def test_every_language_says_all_that_english_says(language):
    english, other = i18n.catalogue(), i18n.catalogue(language)
    one_form = forms_of(language) == {"other"}
    needed = {key: entry for key, entry in english.items() if not (one_form and key.startswith("count."))}
    assert set(needed) == set(other)
    for key, text in needed.items():
        assert places(text) == places(other[key]), key
        assert marks(text, LINK) == marks(other[key], LINK), key
        assert marks(text, ICON) == marks(other[key], ICON), key


@pytest.mark.parametrize("language", i18n.languages())
def test_no_mark_of_markdown_is_left_standing(language):
    # A closing ** between a full stop and a Chinese character is no closing mark in CommonMark.
    for key, text in every_text(language):
        shown = MarkdownIt().render(re.sub(r"\{\w+\}", "词" if language == "zh" else "word", text))
        assert "**" not in shown, key


def test_chinese_is_written_with_chinese_punctuation():
    half = re.compile(r"[\u4e00-\u9fff][,;!?]|[\u4e00-\u9fff]:(?!material)|[,;!?][\u4e00-\u9fff]")
    for key, text in every_text("zh"):
        assert not half.search(text), key


def test_the_titles_of_the_shipped_runs_are_those_of_the_catalogue():
    for path in sorted((ROOT / "data" / "runs").glob("*/run.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        assert i18n.texts()(f"run_title.{run['run_id']}") == run["title"]
