"""The findings of the China-West page in words, and its frames with the words a chart shows."""

import pandas as pd

from core.audits.china_west import CONTRASTS, FEWEST_ITEMS, directions, measure_counts, plain_places
from core.surveys.published import item_table
from pages.components import resources
from pages.components.china_west_data import study
from pages.components.names import country
from pages.components.texts import day, number, percent, t, term, ui_language

JOIN = {"en": ", ", "zh": "、"}
BREAK = {"en": "; ", "zh": "；"}
LITTLE_MASS = 0.5


def listed(names: list[str]) -> str:
    """Names in one line, as the reader's language joins them."""
    return JOIN[ui_language()].join(names)


def signed(value: float) -> str:
    """A lean with its sign; a dash where there is none."""
    return "–" if pd.isna(value) else number(value, 2, signed=True)


def headline(frame: pd.DataFrame) -> str:
    """How many models stand nearer to the USA, by each measure."""
    counts = measure_counts(frame).set_index("measure")
    n = int(counts["models"].max())
    if n == 0:
        return t("china_west.finding_none")
    near = {measure: int(counts.loc[measure, "near_usa"]) for measure in counts.index}
    return t("china_west.finding", n=n, **near)


def origin_counts(groups: pd.DataFrame) -> str:
    """How many models of each origin were asked this way, always in sight."""
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


def own_words(frame: pd.DataFrame) -> str:
    """Which models come from runs, with how many questions."""
    mine = frame[(frame["source"] != "published") & (frame["n_items"] > 0)]
    if mine.empty:
        return t("china_west.own_none")
    parts = []
    for _, row in mine.iterrows():
        facts = [t("china_west.own_n", n=row["n_items"])]
        if row["n_items"] < FEWEST_ITEMS:
            facts.append(t("china_west.own_few", least=FEWEST_ITEMS))
        if row["valid_mass"] < LITTLE_MASS:
            facts.append(t("china_west.own_mass", mass=percent(row["valid_mass"])))
        parts.append(t("china_west.own_model", name=row["name"], facts=BREAK[ui_language()].join(facts)))
    return t("china_west.own", list=listed(parts))


def chart_rows(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Models in order of the measure, then the two baselines, as ``place_chart`` takes them."""
    lean = f"lean_{measure}"
    counted = frame["n_items"] >= FEWEST_ITEMS
    ranked = frame[counted].sort_values([lean, "name"], ascending=[False, True])
    plain = plain_places()
    plain = plain.assign(
        name=[term("origin", name) for name in plain["baseline"]], group="baseline", valid_mass=1.0, source="baseline"
    )
    rest = frame[~counted].sort_values(["n_items", "name"], ascending=[False, True])
    rows = pd.concat([ranked, rest, plain], ignore_index=True)
    few = rows["n_items"] < FEWEST_ITEMS
    silent = [
        t("china_west.silent") if n == 0 else t("china_west.silent_few", n=n) if short else t("china_west.silent_rank")
        for n, short in zip(rows["n_items"], few, strict=True)
    ]
    return pd.DataFrame(
        {
            "name": rows["name"],
            "group": rows["group"],
            "group_name": [term("cw_group", group) for group in rows["group"]],
            # A lean over two questions can be any size and would set the scale for all others.
            "lean": rows[lean].mask(few),
            "low": rows[f"{lean}_low"],
            "high": rows[f"{lean}_high"],
            "n_items": rows["n_items"],
            "faded": rows["valid_mass"].fillna(1.0) < LITTLE_MASS,
            "silent": silent,
        }
    )


def origin_rows(groups: pd.DataFrame) -> pd.DataFrame:
    """Origins and their difference, as ``place_chart`` takes them."""
    names = [term("cw_group", group) for group in groups["group"]]
    return pd.DataFrame(
        {
            "name": [f"{name} ({n})" for name, n in zip(names, groups["measured"], strict=True)],
            "group": groups["group"],
            "group_name": names,
            "lean": groups["mean"],
            "low": groups["low"],
            "high": groups["high"],
            "n_items": len(item_table()),
            "faded": False,
            "silent": t("china_west.silent"),
        }
    )


def difference_words(groups: pd.DataFrame) -> str:
    """Chinese less Western models, and whether it is more than noise."""
    found = groups[groups["group"] == "difference"]
    if found.empty or pd.isna(found["low"].iloc[0]):
        return t("china_west.difference_unknown")
    row = found.iloc[0]
    if row["low"] > 0:
        words = t("china_west.difference_usa")
    else:
        words = t("china_west.difference_chn") if row["high"] < 0 else t("china_west.difference_none")
    numbers = {name: signed(row[name]) for name in ("mean", "low", "high")}
    return t("china_west.origins_difference", words=words, **numbers)


def rough_words(groups: pd.DataFrame) -> str:
    """Why the intervals of origins are rough, with the numbers of developers."""
    makers = groups.set_index("group")["developers"]
    return t("china_west.origins_rough", china=int(makers.get("China", 0)), west=int(makers.get("West", 0)))


def mixed_words(frame: pd.DataFrame) -> str:
    """Models that were built on one side and tuned on the other."""
    names = list(frame.loc[frame["group"] == "mixed", "name"])
    return t("china_west.origins_mixed", names=listed(names)) if names else t("china_west.origins_mixed_none")


def disagreement(frame: pd.DataFrame) -> list[str]:
    """Where the measures disagree, how clear each is, and what the baselines get: three sentences."""
    sides, counts = directions(frame), measure_counts(frame).set_index("measure")
    apart = list(sides.loc[~sides["agree"].astype(bool), "name"])
    n = len(sides)
    if apart:
        first = t("china_west.disagree", k=len(apart), n=n, names=listed(apart))
    else:
        first = t("china_west.disagree_none", n=n)
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
    return [first, t("china_west.disagree_clear", **clear), baseline]


def effect_words(row: pd.Series) -> str:
    """One paired answer: what a change of asking changes over all models."""
    what = term("cw_contrast", row["contrast"])
    if row["models"] == 0:
        return t("china_west.effect_none", what=what)
    if row["high"] < 0:
        words = t("china_west.effect_chn")
    else:
        words = t("china_west.effect_usa") if row["low"] > 0 else t("china_west.effect_open")
    counts = {name: int(row[name]) for name in ("models", "developers", "items")}
    numbers = {name: signed(row[name]) for name in ("change", "low", "high")}
    return t("china_west.effect", what=what, toward=int(row["toward_chn"]), words=words, **counts, **numbers)


def effect_rows(changes: pd.DataFrame) -> pd.DataFrame:
    """The changes with their words, in the order of the page."""
    ordered = changes.sort_values("contrast", key=lambda column: column.map(list(CONTRASTS).index), kind="stable")
    return ordered.assign(
        change_name=[term("cw_contrast", name) for name in ordered["contrast"]],
        group_name=[term("cw_group", name) for name in ordered["group"]],
    ).reset_index(drop=True)


def item_rows(answers: pd.DataFrame, language: str, persona: str, chosen: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The publics and the models question by question, widest gap between the publics first."""
    table = item_table()
    gaps = (table["chn_mean"] - table["usa_mean"]).abs().sort_values(ascending=False)
    bank = resources.questions()
    short = {item: bank[item].short.get(ui_language()) for item in table["item_id"]}
    ordered = table.loc[gaps.index]
    publics = pd.concat(
        [
            pd.DataFrame(
                {
                    "item_id": ordered["item_id"],
                    "question": ordered["item_id"].map(short),
                    "public": t(
                        "start.public", country=country(code), year=int(ordered[f"{code.lower()}_year"].iloc[0])
                    ),
                    "mean": ordered[f"{code.lower()}_mean"],
                    "n": ordered[f"{code.lower()}_n"],
                }
            )
            for code in ("CHN", "USA")
        ],
        ignore_index=True,
    )
    mine = answers[(answers["language"] == language) & (answers["persona"] == persona)]
    mine = mine.assign(question=mine["item_id"].map(short), chosen=mine["model_id"] == chosen)
    return publics, mine[["item_id", "question", "name", "mean", "chosen"]].reset_index(drop=True)
