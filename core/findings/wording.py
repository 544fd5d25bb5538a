"""Makes sentences that state a finding from figures by rules.

A word such as "nearer", "leans" or "moves" needs what :func:`core.stats.clear_sign` asks for: an interval that excludes
0, a p-value below .05, adjusted where more than one figure was looked at, and an effect of at least the least size that
matters. Otherwise the sentence says what is missing. Numbers are rounded before their sign is written, so that there is
no "-0.000". A difference of shares is given in points, never in percent of percent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

from core.i18n import DEFAULT, Texts
from core.i18n.locale import number, percent
from core.stats import SIGNIFICANT, clear_sign

SMALLEST_P = 0.001
STANDS_OUT = 0.05
"""By how much the likeliest option must lead the next, as a share, for a model to lean to it."""

MOVES_LEAST = 0.01
"""Smallest part of one answer that must move, 0..1, to be called a move."""

Direction = Literal["above", "below", "small", "adjusted", "untested", "open", "unknown"]
DIRECTIONS: tuple[Direction, ...] = ("above", "below", "small", "adjusted", "untested", "open", "unknown")
"""``small``: certain, but too small to matter. ``adjusted``: not certain among all figures looked at. ``untested``: the
interval of a single figure leaves out 0, but its p does not bear it out. ``open``: the interval contains 0.
``unknown``: there is no interval."""
Form = Callable[[float], str]


class Figure(NamedTuple):
    """A figure for a sentence; ``p`` is adjusted over ``tests`` figures that were looked at together.

    ``least`` is the smallest absolute value that matters, in the unit of ``mean``.
    """

    mean: float
    low: float
    high: float
    p: float = float("nan")
    tests: int = 1
    least: float = 0.0


def direction(figure: Figure) -> Direction:
    """The direction that a sentence may state for ``figure``; see :data:`DIRECTIONS`."""
    if any(map(math.isnan, (figure.mean, figure.low, figure.high))):
        return "unknown"
    # One figure by itself may come without a p: its interval says the same. Among several it may not.
    p = 0.0 if figure.tests == 1 and math.isnan(figure.p) else figure.p
    if sign := int(clear_sign(figure.mean, figure.low, figure.high, p, figure.least)):
        return "above" if sign > 0 else "below"
    if figure.low <= 0 <= figure.high:
        return "open"
    if p < SIGNIFICANT:
        return "small"
    return "adjusted" if figure.tests > 1 else "untested"


def decimals(digits: int = 3, signed: bool = True) -> Form:
    """A form for numbers with ``digits`` decimals."""
    return lambda value: number(value, DEFAULT, digits, signed=signed)


def points(digits: int = 1, signed: bool = True) -> Form:
    """A form for differences of shares, 0..1, in points of a hundred without a percent sign."""
    return lambda value: number(100 * value, DEFAULT, digits, signed=signed)


def shares(digits: int = 0) -> Form:
    """A form for shares, 0..1, in percent."""
    return lambda value: percent(value, DEFAULT, digits)


def span(figure: Figure, form: Form) -> str:
    """“+0.031 [+0.010, +0.052]”, or the value alone where there is no interval."""
    if math.isnan(figure.low) or math.isnan(figure.high):
        return form(figure.mean)
    return f"{form(figure.mean)} [{form(figure.low)}, {form(figure.high)}]"


def p_words(p: float) -> str:
    """A p-value with three decimals; “< 0.001” below that."""
    return f"< {number(SMALLEST_P, DEFAULT, 3)}" if p < SMALLEST_P else number(p, DEFAULT, 3)


def why_not(t: Texts, figure: Figure, form: Form) -> str:
    """Why ``figure`` is no finding, as a sentence; empty where it is a finding, or where its interval shows why."""
    found = direction(figure)
    if found == "small":
        return t("wording.small", least=form(figure.least).lstrip("+"))
    if found == "adjusted":
        return t("wording.adjusted", tests=figure.tests, p=p_words(figure.p))
    if found == "untested":
        return t("wording.untested", p=p_words(figure.p))
    return t("wording.no_interval") if found == "unknown" else ""


def joined(*sentences: str) -> str:
    """Sentences joined in one line, without the empty ones."""
    return " ".join(sentence for sentence in sentences if sentence)


def change_words(
    t: Texts, what: str, figure: Figure, n: int, towards: tuple[str, str] | None = None, reasons: bool = True
) -> str:
    """How a change of asking moves the lean; ``towards`` names the publics below and above 0.

    With ``reasons`` the sentence says why it is no finding.
    """
    found = direction(figure)
    value = span(figure, decimals(2))
    if found == "above" and towards:
        return t("wording.moves", what=what, towards=towards[1], value=value, n=n)
    if found == "below" and towards:
        return t("wording.moves", what=what, towards=towards[0], value=value, n=n)
    reason = why_not(t, figure, decimals(2)) if reasons else ""
    return joined(t("wording.moves_none", what=what, value=value, n=n), reason)


def difference_words(t: Texts, figure: Figure, towards: tuple[str, str], reasons: bool = True) -> str:
    """Whether Chinese and Western models lean differently; ``towards`` names the publics below and above 0.

    With ``reasons`` the sentence says why it is no finding.
    """
    found, value = direction(figure), span(figure, decimals(2))
    if found == "unknown":
        return t("wording.origins_unknown")
    if found in ("above", "below"):
        return t("wording.origins_differ", towards=towards[found == "above"], value=value)
    return joined(t("wording.origins_alike", value=value), why_not(t, figure, decimals(2)) if reasons else "")


def gap_words(
    t: Texts, figure: Figure, names: dict[str, str], n: int, finding: bool, batteries: int, reasons: bool = True
) -> str:
    """One sentence on the two groups of a dimension that are furthest apart, net of an even guess.

    ``names`` has model, near, far, country and dimension. ``finding`` says whether the audit flags one of the groups;
    if not, the sentence does not say nearer or further, whatever the interval. ``reasons`` adds why it is no finding.
    """
    words = {**names, "gap": span(figure, decimals()), "n": n, "batteries": batteries}
    if finding and direction(figure) == "above":
        return t("wording.gap_clear", **words)
    if not reasons:
        return t("wording.gap_none", **words)
    reason = why_not(t, figure, decimals()) or (t("wording.gap_baseline") if not finding and figure.low > 0 else "")
    return joined(t("wording.gap_none", **words), reason)


def youth_words(t: Texts, figure: Figure, flagged: bool, names: dict[str, str], n: int) -> str:
    """The result of one model and country for people under 30; ``names`` has model, country and language."""
    words = {**names, "gap": span(figure, decimals()), "n": n}
    found = direction(figure)
    if flagged and found == "above":
        return t("wording.youth_further", **words)
    if flagged and found == "below":
        return t("wording.youth_nearer", **words)
    return joined(t("wording.youth_none", **words), why_not(t, figure, decimals()))


def turning_words(t: Texts, model: str, figure: Figure, facts: dict[str, str], n: int) -> str:
    """How much of a model's changes of choice exceeds the chance in its own probabilities.

    ``figure`` is the excess instability; ``facts`` has flips, noise and changed as text.
    """
    words = {"model": model, "excess": span(figure, points()), "n": n, **facts}
    if direction(figure) == "above":
        return t("wording.turns", **words)
    return joined(t("wording.turns_not", **words), why_not(t, figure, points()))


def consequence_words(t: Texts, names: dict[str, str], figure: Figure, n: int) -> str:
    """Whether a stated consequence of action a moves the choice; ``figure`` is the change of p(a), -1..1.

    ``names`` has model and kind (good or bad). Over ``n`` dilemmas.
    """
    words = {**names, "shift": span(figure, points()), "n": n}
    if direction(figure) in ("above", "below"):
        return t("wording.consequence_moves", **words)
    return joined(t("wording.consequence_none", **words), why_not(t, figure, points()))


def axes_words(t: Texts, model: str, turning: list[str], axes: int, listed: str) -> str:
    """On how many of ``axes`` ways of asking a model changes by more than chance; ``turning`` names them."""
    if turning:
        return t("wording.axes", model=model, axes=listed, k=len(turning), n=axes)
    return t("wording.axes_none", model=model, n=axes)


def place_words(t: Texts, names: dict[str, str], figure: Figure) -> str:
    """How often a model takes the action that is printed first; ``figure`` is that share minus one half.

    ``names`` has model and language. Only a preference of at least ``figure.least`` matters for the answers: reversing
    the list moves twice the preference, on balance, from one action to the other.
    """
    found = direction(figure)
    first = Figure(figure.mean + 0.5, figure.low + 0.5, figure.high + 0.5)
    moved = Figure(2 * figure.mean, 2 * figure.low, 2 * figure.high)
    words = {**names, "share": span(first, shares()), "least": points(0, signed=False)(figure.least)}
    if found == "above":
        return t("wording.place_first", **words, moved=span(moved, shares()))
    if found == "below":
        words["share"] = span(Figure(1 - first.mean, 1 - first.high, 1 - first.low), shares())
        back = Figure(-moved.mean, -moved.high, -moved.low)
        return t("wording.place_second", **words, moved=span(back, shares()))
    if found == "small":
        return t("wording.place_small", **words)
    if found == "open" and max(abs(figure.low), abs(figure.high)) < figure.least:
        return t("wording.place_none", **words)
    return t("wording.place_open", **words)


def moves_words(
    t: Texts, model: str, lead: Figure, content: Figure, order: Figure, n: int, batteries: int | None = None
) -> str:
    """Whether the content of the question or the place in the list moves the answers of a model more.

    ``lead`` is the share of content minus that of order; ``content`` and ``order`` are these shares. They come from
    ``n`` questions in ``batteries``, or from ``n`` dilemmas where no batteries are given.
    """
    over = t("wording.over_dilemmas", n=n)
    if batteries is not None:
        over = t("wording.over_questions", n=n, batteries=batteries)
    words = {"model": model, "content": span(content, shares()), "order": span(order, shares()), "over": over}
    found = direction(lead)
    if found == "above":
        return t("wording.content_leads", **words, lead=span(lead, points(0, signed=False)))
    if found == "below":
        behind = Figure(-lead.mean, -lead.high, -lead.low)
        return t("wording.place_leads", **words, lead=span(behind, points(0, signed=False)))
    return joined(t("wording.none_leads", **words, lead=span(lead, points(0))), why_not(t, lead, points(0)))


def format_words(t: Texts, names: dict[str, str], figure: Figure, n: int, batteries: int) -> str:
    """How far apart the mean answers to ladders are, by number and letter, upwards and downwards.

    ``figure`` is the spread, 0..1, which noise can only enlarge. Formats disagree where the whole interval reaches
    ``figure.least``, and agree where no part of it does. ``names`` has model and language.
    """
    words = {**names, "spread": span(figure, shares()), "n": n, "batteries": batteries}
    words["least"] = shares()(figure.least)
    if direction(figure) != "unknown" and figure.low >= figure.least:
        return t("wording.formats_apart", **words)
    if figure.high < figure.least:
        return t("wording.formats_agree", **words)
    return t("wording.formats_open", **words)


def arm_words(t: Texts, arm: str, figure: Figure, n: int, smallest: float, reasons: bool = True) -> str:
    """How one source of diversity changes the distance to people; ``smallest`` is the least possible p.

    With ``reasons`` the sentence says why it is no finding.
    """
    words = {"arm": arm, "change": span(figure, decimals()), "n": n}
    found = direction(figure)
    if found == "below":
        return t("wording.arm_nearer", **words)
    if found == "above":
        return t("wording.arm_further", **words)
    if not reasons:
        return t("wording.arm_none", **words)
    # Say that a design cannot show anything, before its empty result is mistaken for an answer.
    blind = t("wording.arm_blind", p=p_words(smallest)) if smallest >= SIGNIFICANT else ""
    return joined(t("wording.arm_none", **words), why_not(t, figure, decimals()), blind)


def option_words(t: Texts, model: str, options: list[str], probabilities: list[float]) -> str:
    """What a model says most. It leans to an option only if that leads the next one by :data:`STANDS_OUT`."""
    order = sorted(range(len(options)), key=lambda i: -probabilities[i])
    first, second = order[0], order[1]
    words = {"model": model, "option": options[first], "share": shares()(probabilities[first])}
    if probabilities[first] - probabilities[second] >= STANDS_OUT:
        return t("wording.option_leads", **words)
    return t("wording.option_level", **words, other=options[second], next=shares()(probabilities[second]))


def moved_words(t: Texts, names: dict[str, str], moved: float, change: float) -> str:
    """How much of one answer moves when the person changes; ``names`` holds before, after and option.

    ``moved`` is the total variation, 0..1, ``change`` the change of the option that moves most. Less than
    :data:`MOVES_LEAST` is not called a move.
    """
    if moved < MOVES_LEAST:
        return t("wording.answer_stays", least=shares()(MOVES_LEAST), **names)
    return t("wording.answer_moves", moved=shares()(moved), change=points()(change), **names)


def nearer_words(t: Texts, beyond: int, total: int) -> str:
    """How many answers to a single question are nearer to people than an even guess by more than people's own noise."""
    if beyond == 0:
        return t("wording.nearer_none", total=total)
    return t("wording.nearer", beyond=beyond, total=total)
