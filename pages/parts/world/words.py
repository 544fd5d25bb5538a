"""The sentences of the world map."""

from math import isnan

import pandas as pd

from core.findings.world import clearly_nearer, scoring
from core.types import Question
from pages.parts.shared.names import country
from pages.parts.shared.texts import listed, number, percent, span, t, term, ui_language
from pages.parts.world.data import NEAR, Overlay

NAMED = 3
ORDER_ALIKE = 0.8
"""From this rank correlation on an even guess is said to order the places much as the model does."""


def ends(question: Question, option: int | None) -> str:
    """The meaning of 0 % and 100 % on the map of ``question``."""
    language = ui_language()
    if question.scale == "nominal":
        place = int(scoring(question, option).argmax())
        return t("world.share_of", option=question.options[place].text.get(language))
    low, high = question.options[0].text.get(language), question.options[-1].text.get(language)
    if question.ladder:
        low, high = question.ladder.low.get(language), question.ladder.high.get(language)
    if question.polarity < 0:
        low, high = high, low
    return t("world.scale_of", low=low, high=high)


def facts(row: pd.Series) -> str:
    """The number of people, the year and the weights; or other facts of a place."""
    parts = []
    if row.get("n", 0):
        parts.append(t("world.n", n=int(row["n"])))
    if "year" in row:
        parts.append(str(int(row["year"])))
    if "weight_status" in row:
        parts.append(term("world_weights", row["weight_status"]))
    if row.get("questions", 0):
        parts.append(t("world.over", n=int(row["questions"])))
    return " · ".join(parts)


def value_words(row: pd.Series, as_percent: bool) -> str:
    """The value of a place with its interval where there is one."""
    if not as_percent:
        return span(row["value"], row["low"], row["high"], 2)
    ends_known = not pd.isna(row["low"])
    return percent(row["value"]) + (f" [{percent(row['low'])}, {percent(row['high'])}]" if ends_known else "")


def extremes(frame: pd.DataFrame, name: str, as_percent: bool) -> str:
    """Where the value is highest and lowest."""
    ordered = frame.sort_values("value", ascending=False)

    def told(rows: pd.DataFrame) -> str:
        shown = [percent(v) if as_percent else number(v, 2) for v in rows["value"]]
        return listed(f"{country(c)} ({v})" for c, v in zip(rows["country"], shown, strict=True))

    return t("world.extremes", name=name, high=told(ordered.head(NAMED)), low=told(ordered.tail(NAMED)[::-1]))


def overlay_words(found: Overlay, model: str) -> list[str]:
    """Where a model is nearest and furthest, how certain that is, and the result of an even guess."""
    places = found.places

    def told(rows: pd.DataFrame) -> str:
        return listed(
            f"{country(row['name'])} ({span(row['distance'], row['low'], row['high'], 2)})"
            for _, row in rows.iterrows()
        )

    first, last = places.iloc[0], places.iloc[-1]
    near, far = places.head(NEAR), places.tail(NEAR)[::-1]
    clear = len(clearly_nearer(places))
    sure = {"nearest": country(first["name"]), "low": first["rank_low"], "high": first["rank_high"]}
    sure |= {"furthest": country(last["name"]), "flow": last["rank_low"], "fhigh": last["rank_high"]}
    out = [
        t("world.nearest", model=model, near=told(near), far=told(far)),
        t("world.rank_sure", total=len(places), **sure),
        t("world.beats_even", clear=clear, total=len(places)),
    ]
    if not isnan(found.likeness):
        likeness = number(found.likeness, 2, signed=True)
        alike = found.likeness >= ORDER_ALIKE
        out.append(t("world.order_alike", value=likeness) if alike else t("world.order_apart", value=likeness))
    return out


def group_name(group: str) -> str:
    """The words for a group of people, or for everybody."""
    return t("world.everyone") if group == "all" else term("group", group)
