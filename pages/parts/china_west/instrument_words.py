"""The finding of each instrument, in one sentence with its numbers."""

import pandas as pd

from core.findings.china_west.instruments import (
    INSTRUMENTS,
    Contrast,
    distances,
    items_apart,
    leans,
    means_by_pair,
    reluctance,
    sides_apart,
)
from core.findings.china_west.makers import agreement
from core.findings.wording import direction
from pages.parts.shared.texts import number, percent, t, term


def pair_counts(groups: pd.DataFrame) -> str:
    """Models and developers of each pair of builder and tuner."""
    each = groups.groupby("pair", sort=False)[["models", "developers"]].max()
    return " · ".join(
        t("instruments.counts", pair=term("pair", pair), models=int(row["models"]), developers=int(row["developers"]))
        for pair, row in each.iterrows()
    )


def finding(name: str, values: pd.DataFrame, people: pd.DataFrame) -> str:
    """The finding of the instrument ``name`` for one way of asking."""
    least = INSTRUMENTS[name].least
    if name == "moral_machine":
        return _machine(values, people, least)
    if name == "criticism":
        return _criticism(values, least)
    if name == "values":
        return _values(values, least)
    found = leans(values, people, name)
    models, middle = found[found["group"] != "baseline"], found[found["group"] == "baseline"]["lean"].iloc[0]
    return t(
        "instruments.find_foundations",
        n=len(models),
        near=int((models["lean"] > 0).sum()),
        middle=number(middle, 2, signed=True),
        beyond=int((models["lean"] > max(middle, 0.0)).sum()),
        contrast=contrast_words(sides_apart(models.assign(value=models["lean"])), least),
    )


def agreement_words(values: pd.DataFrame, people: pd.DataFrame) -> str:
    """How far makers are from each other and from people; empty where not both publics were asked."""
    if not {"China", "USA"} <= set(people["place"]):
        return ""
    found = agreement(values, people)
    shown = {name: number(getattr(found, name), 2) for name in ("between", "china", "usa")}
    return t("instruments.agreement", models=found.models, developers=found.developers, **shown)


def _machine(values: pd.DataFrame, people: pd.DataFrame, least: float) -> str:
    far = distances(values, people)
    means = means_by_pair(far).set_index("pair")["mean"]
    return t(
        "instruments.find_machine",
        china=number(means["China/China"], 2),
        west=number(means["West/West"], 2),
        contrast=contrast_words(sides_apart(far), least),
    )


def _criticism(values: pd.DataFrame, least: float) -> str:
    means = means_by_pair(values).set_index(["item", "pair"])["mean"]
    shares = {
        f"{side.lower()}_{language}": percent(means[f"china_{language}", f"{side}/{side}"])
        for side in ("China", "West")
        for language in ("en", "zh")
    }
    tuned = {f"tuned_{language}": percent(means[f"china_{language}", "China/West"]) for language in ("en", "zh")}
    contrast = contrast_words(sides_apart(reluctance(values)), least)
    extra = contrast_words(sides_apart(reluctance(values, "china_en", beside="usa_en")), least)
    return t("instruments.find_criticism", **shares, **tuned, contrast=contrast, extra=extra)


def _values(values: pd.DataFrame, least: float) -> str:
    found = items_apart(values)
    clear = sum(direction(one.figure(least)) in ("above", "below") for one in found.values())
    return t("instruments.find_values", clear=clear, n=len(found), least=number(least, 1))


def contrast_words(found: Contrast, least: float) -> str:
    """The difference of the two sides with its interval; ``least`` is the smallest that matters, in its unit."""
    mean, low, high = (number(value, 2, signed=True) for value in found[:3])
    china, west = found.developers
    told = direction(found.figure(least))
    if told == "small":
        words = t("instruments.contrast_small", least=number(least, 3))
    else:
        words = t("instruments.contrast_clear") if told in ("above", "below") else t("instruments.contrast_open")
    return t("instruments.contrast", mean=mean, low=low, high=high, words=words, china=china, west=west)
