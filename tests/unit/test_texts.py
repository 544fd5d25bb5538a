"""Every interface text is there, is used, and is nowhere written into a page."""

import ast
import string
from pathlib import Path

import pytest

from core import i18n
from core.audits.faithfulness import VERDICTS
from core.audits.mark_gain import GROUPINGS, MEASURES
from core.audits.mark_types import INTERVENTIONS, PROBLEMS, STAGES
from core.prompts.mark import FLAGS, FUNCTIONS, LEVELS
from core.store.sql import EXAMPLES
from core.surveys.dilemmas import DOMAINS, VALUES
from core.types import AGES, EDUCATIONS, LANGUAGES, SEXES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "core" / "charts").glob("*.py"))]

FAMILIES = {
    "size_class": ("tiny", "small", "large", "unknown"),
    "reads": ("full", "top_k", "sampled"),
    "can_tell": ("full", "top_k", "sampled"),
    "origin_choice": ("unknown", "China", "West", "other"),
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
    "wave_kind": ("retest", "version"),
    "ambiguity": ("all", "high", "low"),
    "dilemma_domain": ("any", *DOMAINS, "own"),
    "value": VALUES,
    "runs_view": ("list", "new", "compare", "sql"),
    "run_status": ("planned", "queued", "running", "done", "cancelled", "failed", "interrupted"),
    "run_verdict": ("changed", "noise", "more_than_noise", "unknown_noise"),
    "sql_example": tuple(EXAMPLES),
    "run_part": ("models", "prompts", "libraries", "spec"),
    "told": ("none", "country", "group"),
    "dimension": ("age", "sex", "education", "age_x_sex"),
    "verdict": ("further", "nearer", "none"),
    "import_kind": ("wvs", "tidy"),
    "measure": ("skill_uniform", "skill_others", "published"),
    "trait": ("parameters", "tuning", "family"),
    "trace_count": ("one", "two"),
    "trace_stage": STAGES,
    "trace_stage_about": STAGES,
    "trace_step": (
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
    "trace_level": LEVELS,
    "trace_flag": FLAGS,
    "mark_function": FUNCTIONS,
    "trace_problem": PROBLEMS,
    "trace_intervention": INTERVENTIONS,
    "trace_verdict": VERDICTS,
    "trace_by": GROUPINGS,
    "trace_measure": MEASURES,
    "trace_gain": ("nearer", "farther", "unclear"),
}
"""Closed sets whose words are looked up by value."""

OPEN_FAMILIES = (
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
    return found


def test_every_key_that_is_used_exists():
    missing = calls("t") - set(i18n.catalogue())
    assert not missing


def test_every_family_that_is_used_has_all_its_words():
    known = set(i18n.catalogue())
    assert calls("term") <= {*FAMILIES, *OPEN_FAMILIES}
    missing = {f"{family}.{value}" for family, values in FAMILIES.items() for value in values} - known
    assert not missing


def test_no_key_is_unused():
    families = (*FAMILIES, *OPEN_FAMILIES)
    used = calls("t")
    unused = {key for key in i18n.catalogue() if key not in used and key.split(".")[0] not in families}
    assert not unused


def test_no_text_is_empty_and_every_place_is_a_plain_name():
    for key, text in i18n.catalogue().items():
        assert text, key
        for _, place, _, _ in string.Formatter().parse(text):
            assert place is None or place.isidentifier(), (key, place)


def test_a_missing_key_is_an_error_and_not_an_empty_string():
    with pytest.raises(KeyError):
        i18n.texts()("no.such_key")


SHOWING = {"title", "markdown", "caption", "info", "warning", "error", "button", "subheader", "header", "selectbox"}


def test_no_page_holds_a_text_of_its_own():
    offences = []
    for path in [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHOWING:
                for argument in node.args[:1]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        offences.append(f"{path.name}:{node.lineno}: {argument.value[:40]}")
    assert not offences
