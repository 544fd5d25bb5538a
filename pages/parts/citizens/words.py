"""The results as sentences that say how certain they are."""

from typing import NamedTuple

import pandas as pd

from core.audits.citizens.scores import LEAST_CHANGE
from core.findings.wording import Figure, decimals, direction
from core.findings.wording import arm_words as source_words
from pages.parts.citizens.data import arm_words
from pages.parts.shared.names import country, model_name
from pages.parts.shared.texts import listed, number, span, t, texts

LEAST_SKILL = 0.01
"""Smallest skill that is worth mentioning."""
FEW = 20
"""Below this many questions the page says that they are few."""


def row_span(row: pd.Series, name: str, digits: int = 3, *, signed: bool = False) -> str:
    """The figure ``name`` of an arm with its interval, where there is one."""
    return span(row[name], row[f"{name}_low"], row[f"{name}_high"], digits, signed=signed)


def headline(row: pd.Series) -> str:
    """The distance of the simulated citizens of one arm, compared with a perfect simulation of the same number."""
    words = {
        "model": model_name(row["model_id"]),
        "country": country(row["country"]),
        "arm": arm_words(row["arm"]),
        "distance": row_span(row, "distance"),
        "low": number(row["floor_low"], 3),
        "high": number(row["floor_high"], 3),
        "n": int(row["band_n"]),
        "questions": int(row["questions"]),
    }
    return t("citizens.headline_beyond", **words) if row["beyond"] else t("citizens.headline_within", **words)


def against_baselines(row: pd.Series) -> str:
    """Whether they beat an even guess."""
    words = {"skill": row_span(row, "skill_uniform", 2, signed=True), "uniform": number(row["uniform"], 3)}
    words["others"] = number(row["others"], 3)
    numbers = (float(row[name]) for name in ("skill_uniform", "skill_uniform_low", "skill_uniform_high"))
    found = direction(Figure(*numbers, least=LEAST_SKILL))
    if found == "above":
        return t("citizens.beats", **words)
    return t("citizens.loses", **words) if found == "below" else t("citizens.level", **words)


class Compared(NamedTuple):
    """The context in which a change is judged: the number of changes that the run compares, and each draw of people.

    ``seeds`` has columns arm, seed, distance, change.
    """

    tests: int
    seeds: pd.DataFrame

    @property
    def draws(self) -> int:
        """How often people were drawn."""
        return int(self.seeds["seed"].nunique())


def ablation_words(arms: pd.DataFrame) -> str:
    """Which source of diversity changes the distance to people by more than noise, if any does."""
    clear = arms[arms["change_clear"]]
    if not arms["change"].notna().any():
        return t("citizens.ablation_plain")
    if clear.empty:
        return t("citizens.ablation_none")
    best = clear.loc[clear["change"].idxmin()]
    if best["change"] < 0:
        return t("citizens.ablation_nearer", arm=arm_words(best["arm"]))
    return t("citizens.ablation_further", arm=arm_words(best["arm"]))


def change_figure(row: pd.Series, compared: Compared) -> Figure:
    """The change of one arm against none, adjusted for all that the run compares."""
    numbers = (float(row[name]) for name in ("change", "change_low", "change_high", "change_p_adjusted"))
    return Figure(*numbers, tests=compared.tests, least=LEAST_CHANGE)


def change_words(row: pd.Series, compared: Compared) -> str:
    """The change of one arm against none, and whether the questions suffice to show it among all comparisons."""
    figure = change_figure(row, compared)
    text = source_words(texts(), arm_words(row["arm"]), figure, int(row["questions"]), float(row["smallest_p"]))
    seeds = compared.seeds
    drawn = seeds.loc[seeds["arm"] == row["arm"], "change"].dropna()
    if len(drawn) > 1:
        text += " " + t("citizens.change_seeds", changes=listed(decimals()(change) for change in drawn))
    return text


def diversity_words(row: pd.Series) -> str:
    """Whether the answers are as varied as those of as many people."""
    words = {
        "arm": arm_words(row["arm"]),
        "value": row_span(row, "diversity"),
        "people": number(row["human_diversity"], 3),
    }
    words |= {"low": number(row["human_diversity_low"], 3), "high": number(row["human_diversity_high"], 3)}
    if row["diversity"] > row["human_diversity_high"]:
        return t("citizens.more_diverse", **words)
    if row["diversity"] < row["human_diversity_low"]:
        return t("citizens.less_diverse", **words)
    return t("citizens.as_diverse", **words)
