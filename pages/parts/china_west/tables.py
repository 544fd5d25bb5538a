"""The tables of the China-West page, which show its charts in words."""

import pandas as pd

from core.findings.china_west import MEASURES, directions
from pages.parts.china_west.rows import effect_rows
from pages.parts.china_west.words import signed
from pages.parts.shared.texts import paired, t, term


def spans(frame: pd.DataFrame, name: str, low: str, high: str) -> list[str]:
    """“+0.83 [+0.10, +1.61]” for each row; a dash where there is no number or no interval."""
    return [
        f"{signed(v)} [{signed(a)}, {signed(b)}]" if not pd.isna(a) else signed(v)
        for v, a, b in zip(frame[name], frame[low], frame[high], strict=True)
    ]


def places_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Every model with all three measures, in words; the first chart as a table."""
    out = {
        t("chart.model"): frame["name"],
        t("chart.origin"): [term("cw_group", group) for group in frame["group"]],
        t("china_west.column_developer"): frame["developer"],
        t("china_west.column_source"): [term("cw_source", source) for source in frame["source"]],
        t("chart.questions"): frame["n_items"],
        t("china_west.column_distance_chn"): frame["d_chn"].round(2),
        t("china_west.column_distance_usa"): frame["d_usa"].round(2),
        t("china_west.column_items_chn"): frame["near_chn"],
        t("china_west.column_items_usa"): frame["near_usa"],
        t("china_west.column_rank_chn"): frame["rho_chn"].round(2),
        t("china_west.column_rank_usa"): frame["rho_usa"].round(2),
    }
    for measure in MEASURES:
        lean = f"lean_{measure}"
        out[lean_column(measure)] = spans(frame, lean, f"{lean}_low", f"{lean}_high")
    out[t("china_west.column_mass")] = frame["valid_mass"].round(2)
    return pd.DataFrame(out)


def lean_column(measure: str) -> str:
    """Heading of the lean by one measure."""
    return paired(t("china_west.lean"), term("cw_measure", measure))


def sides_table(frame: pd.DataFrame, all_models: bool = True) -> pd.DataFrame:
    """Which public is nearer by each measure; models that change sides come first, or only they are listed."""
    sides = directions(frame).sort_values("agree", kind="stable", ignore_index=True)
    if not all_models:
        sides = sides[~sides["agree"].astype(bool)]
    out = {t("chart.model"): sides["name"], t("chart.origin"): [term("cw_group", g) for g in sides["group"]]}
    out |= {term("cw_measure", measure): [term("cw_side", side) for side in sides[measure]] for measure in MEASURES}
    out[t("china_west.column_agree")] = [t("china_west.yes") if yes else t("china_west.no") for yes in sides["agree"]]
    return pd.DataFrame(out)


def effects_table(changes: pd.DataFrame) -> pd.DataFrame:
    """The effects by group of models, in words."""
    rows = effect_rows(changes)
    return pd.DataFrame(
        {
            t("china_west.what"): rows["change_name"],
            t("chart.origin"): rows["group_name"],
            t("china_west.change"): spans(rows, "change", "low", "high"),
            t("china_west.change_chn"): rows["d_chn"].round(2),
            t("china_west.change_usa"): rows["d_usa"].round(2),
            t("china_west.toward"): rows["toward_chn"],
            t("china_west.models"): rows["models"],
            t("china_west.developers"): rows["developers"],
        }
    )
