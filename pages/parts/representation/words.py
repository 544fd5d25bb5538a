"""Groups, gaps and findings of the Representation page in words."""

import pandas as pd

from core.text import plain
from pages.parts.shared.names import country, group_words, model_name
from pages.parts.shared.texts import number, span, t, term

FEW = 20
"""Below this many questions the page says that they are few."""


def interval(value: float, low: float, high: float) -> str:
    """“+0.031 [+0.010, +0.052]”."""
    return span(value, low, high, signed=True)


def even_difference(groups: pd.DataFrame, contrast: pd.Series) -> float:
    """How much nearer an even guess over the options would stand to the near group than to the far one."""
    same = groups[(groups["told"] == contrast["told"]) & (groups["dimension"] == contrast["dimension"])]
    gaps = same.set_index("group")["gap_even"]
    # A gap is measured from the other groups, so two gaps differ by G / (G - 1) times what two distances do.
    return float(gaps[contrast["far"]] - gaps[contrast["near"]]) * (len(gaps) - 1) / len(gaps)


def finding(contrast: pd.Series, groups: pd.DataFrame, model: str, place: str) -> str:
    """One sentence a dimension: who is nearer, by how much, over how many questions, and what the data can carry."""
    words = {
        "model": model_name(model),
        "near": group_words(contrast["near"]),
        "far": group_words(contrast["far"]),
        "country": country(place),
        "dimension": term("dimension", contrast["dimension"]),
        "gap": span(*contrast[["difference", "low", "high"]]),
        "n": int(contrast["questions"]),
    }
    if contrast["clear"]:
        text = t("representation.finding_clear", **words)
        text += " " + t("representation.finding_even", even=number(even_difference(groups, contrast), 3, signed=True))
    else:
        text = t("representation.finding_none", tests=int(contrast["tests"]), **words)
    if not contrast["told_apart"]:
        text += " " + t("representation.finding_alike")
    if contrast["questions"] < FEW:
        text += " " + t("representation.finding_few", n=int(contrast["questions"]))
    return text


def claim_words(row: pd.Series) -> str:
    """What one model and country say about the claim on younger people, as Markdown."""
    gap = interval(row["gap"], row["gap_low"], row["gap_high"])
    words = {"model": plain(model_name(row["model_id"])), "country": country(row["country"]), "gap": gap}
    words |= {"n": int(row["questions"]), "language": term("language", row["language"])}
    if row["flagged"] and row["gap"] > 0:
        return t("representation.claim_yes", **words)
    if row["flagged"]:
        return t("representation.claim_reverse", **words)
    return t("representation.claim_no", tests=int(row["tests"]), **words)
