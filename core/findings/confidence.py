"""How certain a statement is, in words, by one rule for every brief.

The rule takes a :class:`core.findings.wording.Figure`: a value with its 95 % interval, the p-value that is adjusted for
all figures looked at together, and the margin of equivalence, which is the least value that matters.

- ``high``: the interval excludes 0, the adjusted p is under 0.05, and the whole interval lies beyond the margin.
- ``moderate``: the same, but the interval reaches inside the margin, or no margin is set.
- ``low``: the interval excludes 0, but the adjustment, the margin or a further test of the audit is against it.
- ``equal``: the whole interval lies inside the margin, so that a difference that matters is ruled out.
- ``open``: the interval contains 0 and reaches beyond the margin, or there is no interval.

The statement that a claim is contradicted is one-sided and has a rule of its own (:func:`contradicted`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from core.findings.wording import Figure, Form, direction, p_words, span
from core.i18n import Texts

Confidence = Literal["high", "moderate", "equal", "low", "open"]
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
"""The most certain first."""

MOST_FINDINGS = 3


class Stated(NamedTuple):
    """A sentence with its interval, the word for its certainty, and the reason for that word."""

    text: str
    confidence: Confidence
    reason: str


def confidence(figure: Figure, upheld: bool = True) -> Confidence:
    """The word for ``figure``; ``upheld`` is false where a further test of the audit speaks against it."""
    found = direction(figure)
    if found == "unknown":
        return "open"
    if max(abs(figure.low), abs(figure.high)) < figure.least:
        return "equal"
    if found == "open":
        return "open"
    if found in ("adjusted", "untested", "small") or not upheld:
        return "low"
    nearest = min(abs(figure.low), abs(figure.high))
    return "high" if figure.least > 0 and nearest >= figure.least else "moderate"


def reason(t: Texts, figure: Figure, form: Form, upheld: bool = True) -> str:
    """The reason for the word of ``figure``, as a sentence."""
    found, why = confidence(figure, upheld), direction(figure)
    words = {"least": form(figure.least).lstrip("+"), "tests": figure.tests}
    if why == "unknown":
        return t("confidence_why.unknown")
    if found == "low":
        if why == "adjusted":
            return t("confidence_why.adjusted", **words, p=p_words(figure.p))
        if why == "untested":
            return t("confidence_why.untested", p=p_words(figure.p))
        return t("confidence_why.small", **words) if why == "small" else t("confidence_why.not_upheld")
    if found == "moderate" and figure.least <= 0:
        return t("confidence_why.no_margin", **words)
    if found == "open" and figure.least <= 0:
        return t("confidence_why.holds_zero")
    if found in ("high", "moderate") and figure.tests > 1:
        return t(f"confidence_why.{found}_of", **words)
    return t(f"confidence_why.{found}", **words)


def stated(t: Texts, text: str, figure: Figure, form: Form, *, upheld: bool = True) -> Stated:
    """``text``, a sentence about ``figure``, with its certainty."""
    return Stated(text, confidence(figure, upheld), reason(t, figure, form, upheld))


def line(
    t: Texts, key: str, figure: Figure, form: Form, *, upheld: bool = True, rising: bool = False, **words: object
) -> Stated:
    """A statement in the form that ``figure`` supports.

    The text is ``brief_line.KEY_above``, ``brief_line.KEY_below``, or ``brief_line.KEY_none`` where nothing may be
    said. ``{value}`` in it is the figure with its interval; ``words`` fill the other places. With ``rising`` only
    values above 0 have a meaning, so nothing is said of values below 0.
    """
    found = direction(figure)
    known = ("above",) if rising else ("above", "below")
    ending = found if upheld and found in known else "none"
    text = t(f"brief_line.{key}_{ending}", value=span(figure, form), **words)
    if rising and found == "below":
        return contradicted(t, text, figure, form)
    return stated(t, text, figure, form, upheld=upheld)


def contradicted(t: Texts, text: str, figure: Figure, form: Form) -> Stated:
    """``text``, which says that a claim of an effect of at least ``figure.least`` is not supported.

    Only one side counts: ``high`` where the whole interval lies below 0, ``moderate`` where it lies below the margin.
    """
    words = {"least": form(figure.least).lstrip("+")}
    if figure.high < 0:
        return Stated(text, "high", t("confidence_why.below_zero"))
    if figure.high < figure.least:
        return Stated(text, "moderate", t("confidence_why.below_least", **words))
    return Stated(text, "open", reason(t, figure, form))


def unmeasured(t: Texts, text: str) -> Stated:
    """``text`` without an interval, so that its certainty is unknown."""
    return Stated(text, "open", t("confidence_why.unknown"))


def surest(statements: Sequence[Stated], most: int = MOST_FINDINGS) -> tuple[Stated, ...]:
    """The ``most`` most certain of ``statements``, no sentence twice; equally certain ones keep their order."""
    unique = list({one.text: one for one in statements}.values())
    return tuple(sorted(unique, key=lambda one: CONFIDENCES.index(one.confidence))[:most])
