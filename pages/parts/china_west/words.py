"""The findings of the China-West page in words."""

from collections.abc import Iterable

import pandas as pd

from core.findings.china_west import EVERY_ITEM, LEAST_LEAN, directions, measure_counts, plain_places
from core.findings.wording import Figure, change_words
from core.findings.wording import difference_words as difference_sentence
from core.surveys.published import item_table
from core.text import plain
from core.types import LITTLE_MASS
from pages.parts.china_west.data import study
from pages.parts.shared.brief_words import towards
from pages.parts.shared.texts import day, listed, number, percent, t, term, texts, ui_language

BREAK = {"en": "; ", "zh": "；"}


def signed(value: float) -> str:
    """A lean with its sign; a dash where there is none."""
    return "–" if pd.isna(value) else number(value, 2, signed=True)


def headline(frame: pd.DataFrame) -> str:
    """How many models are clearly nearer to each public by each measure."""
    counts = measure_counts(frame).set_index("measure")
    n = int(counts["models"].max())
    if n == 0:
        return t("china_west.finding_none")
    clear = {measure: int(counts.loc[measure, "clear_usa"]) for measure in counts.index}
    clear |= {f"chn_{measure}": int(counts.loc[measure, "clear_chn"]) for measure in counts.index}
    return t("china_west.finding", n=n, **clear)


def points_words(frame: pd.DataFrame) -> str:
    """How many models lie on the side of the USA by the points alone; empty where none was asked."""
    counts = measure_counts(frame).set_index("measure")
    if not counts["models"].max():
        return ""
    near = {f"near_{measure}": int(counts.loc[measure, "near_usa"]) for measure in counts.index}
    return t("china_west.finding_points", **near)


def origin_counts(groups: pd.DataFrame) -> str:
    """How many models of each origin were asked this way; always visible."""
    parts = [
        t(
            "china_west.origin_n",
            group=term("cw_group", row["group"]),
            measured=row["measured"],
            models=row["models"],
            developers=row["developers"],
        )
        for _, row in groups[groups["group"] != "difference"].iterrows()
    ]
    return t("china_west.origins_n", list=" · ".join(parts))


def carry() -> str:
    """What the published figures and the two surveys are, with their numbers."""
    facts, table = study(), item_table()
    people = {
        f"{code}_{what}": str(table[f"{code}_year"].iloc[0])
        if what == "year"
        else number(int(table[f"{code}_n"].max()))
        for code in ("chn", "usa")
        for what in ("year", "n")
    }
    without = facts["without"]
    return t(
        "china_west.carry",
        items=facts["items"],
        repeats=facts["repeats"],
        first=day(facts["first"]),
        last=day(facts["last"]),
        n=len(without),
        names=listed(without),
        **people,
    )


def base_words(names: Iterable[str]) -> str:
    """Which base models have answered and are left out here; empty where there is none."""
    told = listed([plain(name) for name in names])
    return t("china_west.base", list=told) if told else ""


def own_words(frame: pd.DataFrame) -> str:
    """Which models come from runs, with how many questions."""
    mine = frame[(frame["source"] != "published") & (frame["n_items"] > 0)]
    if mine.empty:
        return t("china_west.own_none")
    parts = []
    for _, row in mine.iterrows():
        facts = [t("china_west.own_n", n=row["n_items"])]
        if row["n_items"] < EVERY_ITEM:
            facts.append(t("china_west.own_few", least=EVERY_ITEM))
        if row["valid_mass"] < LITTLE_MASS:
            facts.append(t("china_west.own_mass", mass=percent(row["valid_mass"])))
        parts.append(t("china_west.own_model", name=plain(row["name"]), facts=BREAK[ui_language()].join(facts)))
    return t("china_west.own", list=listed(parts))


def difference_words(groups: pd.DataFrame, measure: str) -> str:
    """Chinese minus Western models, and whether the difference is more than the margin of error."""
    found = groups[groups["group"] == "difference"]
    nothing = (float("nan"),) * 3
    numbers = nothing if found.empty else tuple(float(found[name].iloc[0]) for name in ("mean", "low", "high"))
    return difference_sentence(texts(), Figure(*numbers, least=LEAST_LEAN[measure]), towards())


def rough_words(groups: pd.DataFrame) -> str:
    """The reason why the intervals of origins are rough, with the numbers of developers."""
    makers = groups.set_index("group")["developers"]
    return t("china_west.origins_rough", china=int(makers.get("China", 0)), west=int(makers.get("West", 0)))


def mixed_words(frame: pd.DataFrame) -> str:
    """Models that were built on one side and tuned on the other."""
    names = list(frame.loc[frame["group"] == "mixed", "name"])
    return t("china_west.origins_mixed", names=listed(names)) if names else t("china_west.origins_mixed_none")


def disagreement(frame: pd.DataFrame) -> list[str]:
    """How clear each measure is, where the points disagree, and the results of the baselines: three sentences."""
    sides, counts = directions(frame), measure_counts(frame).set_index("measure")
    apart = list(sides.loc[~sides["agree"].astype(bool), "name"])
    n = len(sides)
    if apart:
        points = t("china_west.disagree", k=len(apart), n=n, names=listed(apart))
    else:
        points = t("china_west.disagree_none", n=n)
    clear = {m: int(counts.loc[m, "clear_usa"] + counts.loc[m, "clear_chn"]) for m in counts.index}
    plain = plain_places().set_index("baseline")
    baseline = t(
        "china_west.disagree_baseline",
        middle_distance=signed(plain.loc["middle", "lean_distance"]),
        middle_items=int(plain.loc["middle", "near_usa"]),
        others_distance=signed(plain.loc["others", "lean_distance"]),
        others_items=int(plain.loc["others", "near_usa"]),
        others_rank=signed(plain.loc["others", "lean_rank"]),
    )
    return [t("china_west.disagree_clear", **clear), points, baseline]


def change_figure(row: pd.Series, measure: str) -> Figure:
    """The effect of a change of asking, adjusted for the contrasts shown with it."""
    numbers = (float(row[name]) for name in ("change", "low", "high", "p_adjusted"))
    return Figure(*numbers, tests=int(row["tests"]), least=LEAST_LEAN[measure])


def effect_words(row: pd.Series, measure: str) -> str:
    """One paired answer: the effect of a change of asking over all models."""
    what = term("cw_contrast", row["contrast"])
    if row["models"] == 0:
        return t("china_west.effect_none", what=what)
    figure = change_figure(row, measure)
    counts = {name: int(row[name]) for name in ("models", "developers")}
    counted = t("china_west.effect_counts", toward=int(row["toward_chn"]), **counts)
    return f"{change_words(texts(), what, figure, int(row['items']), towards())} {counted}"
