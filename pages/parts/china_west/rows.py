"""The frames of the China-West page with the words that its charts show."""

import pandas as pd

from core.findings.china_west import CONTRASTS, EVERY_ITEM, plain_places
from core.surveys.published import item_table
from core.types import LITTLE_MASS, Origin
from pages.parts.shared import resources
from pages.parts.shared.names import country, model_name
from pages.parts.shared.texts import t, term, ui_language


def chart_rows(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Models in order of the measure, then the two baselines, as ``place_chart`` takes them."""
    lean = f"lean_{measure}"
    counted = frame["n_items"] >= EVERY_ITEM
    ranked = frame[counted].sort_values([lean, "name"], ascending=[False, True])
    plain = plain_places()
    plain = plain.assign(
        name=[term("origin", name) for name in plain["baseline"]], group="baseline", valid_mass=1.0, source="baseline"
    )
    rest = frame[~counted].sort_values(["n_items", "name"], ascending=[False, True])
    rows = pd.concat([ranked, rest, plain], ignore_index=True)
    few = rows["n_items"] < EVERY_ITEM
    silent = [
        t("china_west.silent") if n == 0 else t("china_west.silent_few", n=n) if short else t("china_west.silent_rank")
        for n, short in zip(rows["n_items"], few, strict=True)
    ]
    return pd.DataFrame(
        {
            "name": rows["name"],
            "group": rows["group"],
            "group_name": [term("cw_group", group) for group in rows["group"]],
            # A lean over some of the questions cannot be compared with the leans over all of them.
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
    scale = t("chart.is_justifiable")  # the axis says it
    names = {item: bank[item].short.get(ui_language()) for item in table["item_id"]}
    short = {item: name.removesuffix(scale).rstrip() for item, name in names.items()}
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
    sides = [Origin(base=base, tuner=tuner).side for base, tuner in zip(mine["base"], mine["tuner"], strict=True)]
    names = [model_name(*pair) for pair in zip(mine["model_id"], mine["name"], strict=True)]
    mine = mine.assign(name=names, question=mine["item_id"].map(short), chosen=mine["model_id"] == chosen, group=sides)
    return publics, mine[["item_id", "question", "name", "group", "mean", "chosen"]].reset_index(drop=True)
