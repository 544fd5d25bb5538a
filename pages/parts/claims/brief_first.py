"""The first page of the brief of the Claims page: how many claims are decided, and how certain the decisions are."""

import altair as alt
import pandas as pd

from core.brief import Figure, FirstPage
from core.charts.palette import Palette
from core.charts.traces import interval_rows
from core.findings import wording
from core.findings.claims.sources import SHOWN
from core.findings.claims.verdicts import VERDICTS, Judgement, Outcome
from core.findings.confidence import CONFIDENCES, Stated, contradicted, stated, surest
from core.i18n import Texts
from core.stats import benjamini_hochberg
from pages.parts.claims.sources import unit
from pages.parts.claims.words import effect_words, sentence, value_words
from pages.parts.shared.brief_words import first_page
from pages.parts.shared.texts import listed, t, term, texts

Judged = tuple[str, Judgement]
"""A body of evidence and its judgement."""
ENDS = {"value": "mean", "low": "low", "high": "high"}


def claims_first(outcomes: dict[str, Outcome]) -> FirstPage:
    """Which claims are supported and which are not; the three most certain; all effects on one scale."""
    judged = {claim: found for claim, outcome in outcomes.items() if (found := judged_by(outcome)) is not None}
    p = adjusted(judged)
    lines = {claim: _line(claim, outcomes[claim], found, p[claim], len(p)) for claim, found in judged.items()}
    decided = [lines[claim] for claim, outcome in outcomes.items() if claim in lines and outcome.verdict != "unknown"]
    chart = effects_figure(judged)
    return first_page("claims", _bottom(outcomes, decided), surest(list(lines.values())), [chart] if chart else [])


def judged_by(outcome: Outcome) -> Judged | None:
    """The body of evidence that decides, or the one with most models where none does; those only shown do not count."""
    found = [(name, judgement) for name, judgement in outcome.streams.items() if name not in SHOWN]
    deciding = [(name, one) for name, one in found if one.verdict == outcome.verdict and outcome.verdict != "unknown"]
    return max(deciding or found, key=lambda pair: pair[1].effect.models, default=None)


def adjusted(judged: dict[str, Judged]) -> dict[str, float]:
    """The p-values that the effects are 0, adjusted over all claims that have one; NaN for the others."""
    raw = [one.effect.spread.p if one.effect.spread else float("nan") for _, one in judged.values()]
    return dict(zip(judged, benjamini_hochberg(pd.Series(raw, dtype=float).to_numpy()), strict=True))


def _line(claim: str, outcome: Outcome, found: Judged, p: float, tests: int) -> Stated:
    stream, one = found
    effect = one.effect
    text = t(
        "brief_line.claim",
        claim=term("claim", claim),
        verdict=term("claim_verdict", outcome.verdict),
        value=effect_words(claim, stream, effect) if effect.models else "–",
        unit=unit(claim, stream),
        models=effect.models,
        n=effect.items,
    )

    def form(value: float) -> str:
        return value_words(claim, stream, value)

    figure = wording.Figure(effect.mean, effect.low, effect.high, p, tests, one.least)
    if outcome.verdict == "supported":
        return stated(texts(), text, figure, form)
    if outcome.verdict == "not_supported":
        return contradicted(texts(), text, figure, form)
    return Stated(text, "open", t("confidence_why.claim", reason=sentence(term("claim_reason", outcome.reason))))


def _bottom(outcomes: dict[str, Outcome], decided: list[Stated]) -> Stated:
    counts = {verdict: sum(one.verdict == verdict for one in outcomes.values()) for verdict in VERDICTS}
    parts = [t("brief_line.verdicts", n=len(outcomes), **counts)]
    for verdict in ("supported", "not_supported"):
        names = [t("brief_line.quoted", text=term("claim", c)) for c, o in outcomes.items() if o.verdict == verdict]
        if names:
            parts.append(term("brief_claims", verdict, names=listed(names)))
    text = wording.joined(*parts)
    if not decided:
        return Stated(text, "open", t("confidence_why.undecided"))
    weakest = max(decided, key=lambda one: CONFIDENCES.index(one.confidence))
    return Stated(text, weakest.confidence, t("confidence_why.weakest"))


def effects_figure(judged: dict[str, Judged]) -> Figure | None:
    """Each effect with its interval, divided by the least that matters for its claim; claims without one are counted.

    ``None`` where no claim has an interval.
    """
    rows = [
        {
            "label": term("claim", claim),
            **{name: getattr(one.effect, end) / one.least for name, end in ENDS.items()},
        }
        for claim, (_, one) in judged.items()
        if one.least > 0 and one.effect.spread and not pd.isna(one.effect.low)
    ]
    if not rows:
        return None
    frame, left_out = pd.DataFrame(rows), len(judged) - len(rows)
    axis, marks = t("brief.claims_axis"), {t("brief.claims_least"): 1.0, t("brief.claims_nothing"): 0.0}

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return interval_rows(frame, palette, axis, marks, signed=True)

    title = t("brief.claims_chart")
    note = t("brief.claims_left_out", n=left_out) if left_out else ""
    return Figure(title=title, description=title, draw=draw, note=note)
