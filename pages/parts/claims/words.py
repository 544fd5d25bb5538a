"""Verdicts, evidence and rules of the Claims page in words."""

import pandas as pd

from core.findings.claims.sources import SHOWN, rules_of
from core.findings.claims.verdicts import NOTHING, Effect, Judgement, Outcome, Rule
from pages.parts.claims.sources import stream_name, unit
from pages.parts.shared.names import model_name
from pages.parts.shared.texts import listed, number, paired, percent, t, term

ICONS = {"supported": ":material/check_circle:", "not_supported": ":material/cancel:", "unknown": ":material/help:"}
COLOURS = {"supported": "green", "not_supported": "red", "unknown": "gray"}
SHARES = ("unstable", "scale", "criticism")
DIGITS = 3
POINTS = 2


def cluster(claim: str) -> str:
    """The name of the independent units of a claim."""
    return term("claim_cluster", {"scale": "families", "mistral": "models"}.get(claim, "developers"))


def value_words(claim: str, stream: str, value: float) -> str:
    """A value in the form of its unit, with its sign."""
    if pd.isna(value):
        return "–"
    if claim in SHARES or stream in SHARES:
        return percent(value, 1, signed=True)
    return number(value, POINTS if stream == "published" else DIGITS, signed=True)


def effect_words(claim: str, stream: str, effect: Effect) -> str:
    """Mean with its interval, or the mean alone and the reason."""
    mean, low, high = (value_words(claim, stream, value) for value in (effect.mean, effect.low, effect.high))
    if pd.isna(effect.low):
        return t("claims.no_interval", mean=mean, cluster=cluster(claim))
    return t("claims.interval", mean=mean, low=low, high=high)


def counted(outcome: Outcome) -> Effect:
    """The effect whose n is shown with the verdict: of the body that decides, else of the one with most models."""
    found = [judgement for name, judgement in outcome.streams.items() if name not in SHOWN]
    deciding = [
        judgement for judgement in found if judgement.verdict == outcome.verdict and outcome.verdict != "unknown"
    ]
    return max(deciding or found, key=lambda judgement: judgement.effect.models).effect if found else NOTHING


def verdict_words(claim: str, outcome: Outcome) -> str:
    """The verdict, its reason and its n, always together."""
    effect = counted(outcome)
    words = {"verdict": term("claim_verdict", outcome.verdict), "reason": term("claim_reason", outcome.reason)}
    if effect.models == 0:
        return t("claims.verdict_none", **words)
    counts = {"models": effect.models, "developers": effect.developers, "items": effect.items}
    return t("claims.verdict", cluster=cluster(claim), **words, **counts)


def rule_words(claim: str, stream: str, rule: Rule) -> str:
    """The requirements of this card's rule."""
    words = {
        "models": rule.models,
        "developers": rule.developers,
        "cluster": cluster(claim),
        "items": rule.items,
        "least": least_words(claim, stream, rule),
        "unit": unit(claim, stream),
    }
    text = t("claims.verdict_rule_sides", **words) if len(rule.sides) > 1 else t("claims.verdict_rule", **words)
    return paired(stream_name(stream), text) if len(rules_of(claim)) > 1 else text


def least_words(claim: str, stream: str, rule: Rule) -> str:
    """The smallest effect that matters, without a sign."""
    return value_words(claim, stream, rule.least).lstrip("+")


def publics_words(claim: str, stream: str, judgement: Judgement) -> str:
    """The result of real publics under the same rule, and the level from which the verdict counts."""
    publics, plain = judgement.publics, judgement.plain
    if publics is None:
        return t("claims.publics_none")
    if pd.isna(plain.mean):
        return ""
    mean, high, value, effect = (
        value_words(claim, stream, number) for number in (publics.mean, publics.high, plain.mean, judgement.effect.mean)
    )
    return t(
        "claims.publics",
        n=len(publics.values),
        mean=mean,
        high=high,
        value=value,
        effect=effect,
        passed=percent(publics.passed),
        below=percent(publics.below(plain.mean)),
        least=value_words(claim, stream, judgement.least).lstrip("+"),
    )


def power_words(claim: str, stream: str, judgement: Judgement) -> str:
    """What would decide an undecided claim; empty where it is decided or there is no interval."""
    power = judgement.power
    if power is None:
        return ""
    needs = []
    if power.questions is not None:
        needs.append(t("claims.need_questions", n=number(power.questions)))
    if power.developers is not None and power.models is not None:
        needs.append(t("claims.need_models", n=number(power.models)))
        needs.append(t("claims.need_developers", n=number(power.developers), cluster=cluster(claim)))
    if not needs:
        return t("claims.power_none")
    together = needs[0] if len(needs) == 1 else t("claims.or", first=listed(needs[:-1]), last=needs[-1])
    effect = value_words(claim, stream, power.distance).lstrip("+")
    return t("claims.power", list=together, effect=effect)


def stream_words(claim: str, outcome: Outcome) -> list[str]:
    """One line per body of evidence, and one per side where sides are compared."""
    lines = []
    for stream, judgement in outcome.streams.items():
        effect, rule = judgement.effect, rules_of(claim)[stream]
        reason = term("claim_reason", judgement.reason)
        counts = {"models": effect.models, "developers": effect.developers, "items": effect.items}
        words = {"stream": stream_name(stream), "cluster": cluster(claim)}
        if pd.isna(effect.mean):
            empty = not any(part.models for part in judgement.parts.values())
            key = t("claims.stream_none", stream=words["stream"], reason=sentence(reason))
            lines.append(key if empty else t("claims.stream_counts", **words, **counts, reason=sentence(reason)))
        else:
            shown = effect_words(claim, stream, effect)
            lines.append(t("claims.stream", **words, **counts, effect=shown, unit=unit(claim, stream)))
        if len(rule.sides) > 1:
            lines += [
                f"  - {_part(claim, stream, side, part)}" for side, part in judgement.parts.items() if part.models
            ]
    return lines


def sentence(words: str) -> str:
    """``words`` with a capital letter."""
    return words[:1].upper() + words[1:]


def _part(claim: str, stream: str, side: str, part: Effect) -> str:
    return t(
        "claims.part",
        side=term("claim_side", side),
        effect=effect_words(claim, stream, part),
        models=part.models,
        developers=part.developers,
        cluster=cluster(claim),
    )


def overview(outcomes: dict[str, Outcome]) -> pd.DataFrame:
    """All claims with their verdicts and n, one row per claim."""
    rows = []
    for claim, outcome in outcomes.items():
        effect = counted(outcome)
        rows.append(
            {
                t("claims.column_claim"): term("claim", claim),
                t("claims.column_verdict"): term("claim_verdict", outcome.verdict),
                t("claims.column_reason"): sentence(term("claim_reason", outcome.reason)),
                t("claims.column_models"): effect.models,
                t("claims.column_developers"): effect.developers,
                t("claims.column_questions"): effect.items,
            }
        )
    return pd.DataFrame(rows)


def _name(unit: str, given: str) -> str:
    """A model, or a step from one to a larger one of its family, whose id has both."""
    names = [model_name(one) for one in unit.split(">")]
    return model_name(unit, given) if len(names) == 1 else " → ".join(names)


def units_table(claim: str, stream: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The models behind one body of evidence."""
    return pd.DataFrame(
        {
            t("chart.model"): [_name(*pair) for pair in zip(frame["model_id"], frame["name"], strict=True)],
            t("claims.column_side"): [term("claim_side", side or "all") for side in frame["side"]],
            t("claims.column_source"): [term("cw_source", source) for source in frame["source"]],
            t("claims.column_value"): [value_words(claim, stream, value) for value in frame["value"]],
            t("claims.column_questions"): frame["items"],
        }
    )
