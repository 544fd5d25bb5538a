"""A sentence that counts models as nearer, leaning or moving leads with the clear number and calls points points."""

from __future__ import annotations

import re

import pytest

from core import i18n

COUNTED = re.compile(r"\bof (the )?\{[a-z_]+:(models|pairs)\}", re.IGNORECASE)
COUNTED_ZH = re.compile(r"\{(models|total|n)\} 个模型.*?\{[a-z_]+\} 个")
FINDING = re.compile(r"\b(nearer|nearest|leans?|moves?|closer|more like|towards|changes? sides)\b")
FINDING_ZH = re.compile(r"更接近|更像|最近|偏向|移向|靠近|换了边")
CLEAR = re.compile(r"\bclearly\b|\bbeyond noise\b|\{clear\}|in all but a few draws", re.IGNORECASE)
CLEAR_ZH = re.compile(r"明显|\{clear\}|超出误差|仍离|超出噪声")
POINTS, POINTS_ZH = re.compile(r"\bby the points? alone\b|\bthe points of\b", re.IGNORECASE), re.compile(r"点估计")
RULED = {
    "brief_line.align_above": "counts cells of the matrix that clear_sign flags",
    "brief_line.align_below": "counts none",
    "claims.context_unstable": "counts none: a size for all, and that how much of it is chance cannot be known",
    "claims.context_unstable_means": "the same",
    "instruments.find_foundations": "says itself that it is a plain count and no finding",
}
"""Sentences whose number is the clear one though no word says so."""


def faults(key: str, text: str, language: str) -> list[str]:
    """What is wrong with the sentences of ``text`` that count models with a word of a finding."""
    counted, finding, clear, points = (
        (COUNTED, FINDING, CLEAR, POINTS) if language == "en" else (COUNTED_ZH, FINDING_ZH, CLEAR_ZH, POINTS_ZH)
    )
    ends = r"(?<=[.:!?])\s" if language == "en" else r"(?<=[。！？])"
    found = []
    for sentence in re.split(ends, text):
        if key in RULED or not counted.search(sentence) or not finding.search(sentence):
            continue
        sure, plain = clear.search(sentence), points.search(sentence)
        first = finding.search(sentence)
        if sure is None and (plain is None or first is None or plain.start() > first.start()):
            found.append(f"{key}: {sentence}")
        elif sure is not None and plain is not None and plain.start() < sure.start():
            found.append(f"{key}, points first: {sentence}")
    return found


@pytest.mark.parametrize("language", i18n.languages())
def test_models_are_counted_as_nearer_only_where_that_is_clear(language: str) -> None:
    texts = i18n.catalogue(language)
    found = [
        one for key, entry in texts.items() for text in entry.forms.values() for one in faults(key, text, language)
    ]
    assert not found


def test_the_rule_finds_a_headline_that_counts_points() -> None:
    old = "{n} of {total:models} answer more like the American public than like the Chinese one"
    assert faults("x", old, "en")
    assert faults("x", "By the points alone {n} of {total:models} answer, {clear} clearly more like them.", "en")
    assert not faults("x", f"{old}, {{clear}} clearly".replace("answer", "clearly answer"), "en")
    assert faults("x", "{total} 个模型中，有 {n} 个的回答更接近美国民众", "zh")
    assert not faults("x", "{total} 个模型中，有 {clear} 个的回答明显更接近美国民众，只看点估计则有 {n} 个", "zh")
