"""The published models in the form that the charts of the start page take, and the finding in words."""

import pandas as pd

from core import i18n
from core.findings import china_west
from core.once import once
from core.surveys.published import LEAST_LEAN, PersonaCountry, baselines, item_questions, item_table, positions
from core.types import Language
from pages.parts.shared.kept import kept_of_data
from pages.parts.shared.names import country
from pages.parts.shared.texts import number, t, term, ui_language


@once
@kept_of_data
def asked_so(language: Language, persona: PersonaCountry | None) -> dict[str, pd.DataFrame]:
    """What is known of the published models, asked in one way: their positions and places, and the table of items."""
    return {
        "positions": positions(language, persona),
        "places": china_west.places(china_west.published_answers(), language, persona or "none"),
        "items": item_table(language, persona),
    }


@once
@kept_of_data
def plain_answers() -> dict[str, pd.DataFrame]:
    """The same of answers that need no model."""
    return {"positions": baselines(), "places": china_west.plain_places()}


def finding(counts: pd.DataFrame) -> str:
    """How many of the models asked this way are clearly nearer to which public, then how many by the points alone."""
    whole = counts.loc["all"]
    to_usa = whole["nearer_usa"] >= whole["nearer_chn"]
    clearly, nearer = ("clearly_usa", "nearer_usa") if to_usa else ("clearly_chn", "nearer_chn")
    words = {f"{side.lower()}_total": int(counts.loc[side, "measured"]) for side in ("China", "USA")}
    words |= {side.lower(): int(counts.loc[side, clearly]) for side in ("China", "USA")}
    words |= {"clear": int(whole[clearly]), "total": int(whole["measured"]), "n": int(whole[nearer])}
    return t("start.finding_usa", **words) if to_usa else t("start.finding_chn", **words)


def headline(counts: pd.DataFrame, leans: pd.Series) -> str:
    """The finding, and where always answering in the middle lands; ``leans`` are those of the models."""
    middle, known, whole = baseline_leans()["middle"], leans.dropna(), counts.loc["all"]
    words = {"finding": finding(counts), "middle": number(middle, 2, signed=True)}
    to_usa = whole["nearer_usa"] >= whole["nearer_chn"]
    if to_usa != (middle > 0):
        return t("start.headline_other", **words)
    less = int((known < middle).sum() if to_usa else (known > middle).sum())
    return t("start.headline", **words, total=len(known), less=less)


def finding_words(counts: pd.DataFrame, leans: pd.Series) -> list[str]:
    """The headline, what was asked, what counts as clear, and the leans of the baselines."""
    whole = counts.loc["all"]
    others = number(baseline_leans()["others"], 2, signed=True)
    return [
        headline(counts, leans),
        t("start.finding_text", models=int(whole["models"])),
        t("start.finding_clear", total=int(whole["measured"]), least=number(LEAST_LEAN, 2)),
        t("start.baseline_text", others=others),
    ]


def rank_words(language: Language, persona: PersonaCountry | None) -> str:
    """Whose order of the questions models come near, by rank correlation; an answer without values has no order."""
    found = asked_so(language, persona)["places"]
    count = china_west.measure_counts(found).set_index("measure").loc["rank"]
    asked = found[found["n_items"] == found["n_items"].max()]
    others = plain_answers()["places"].set_index("baseline").loc["others"]
    return t(
        "start.rank_text",
        near=int(count["near_usa"]),
        models=int(count["models"]),
        clear=int(count["clear_usa"]),
        usa=number(asked["rho_usa"].mean(), 2),
        china=number(asked["rho_chn"].mean(), 2),
        others_usa=number(others["rho_usa"], 2),
        others_china=number(others["rho_chn"], 2),
    )


COLUMNS = ["model", "origin_name", "lean", "lean_low", "lean_high", "d_chn", "d_usa", "items_nearer_usa", "n_items"]


def lean_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """``positions()`` with the origin in words, and the two baselines as the last rows."""
    models = frame.assign(origin_name=frame["origin"].map(lambda origin: term("origin", origin)))
    plain = plain_answers()["positions"]
    names = plain["baseline"].map(lambda name: term("origin", name))
    return pd.concat([models, plain.assign(model=names, origin_name=t("start.baseline"))], ignore_index=True)[COLUMNS]


def baseline_leans() -> dict[str, float]:
    """Lean of each baseline in scale points, by name."""
    plain = plain_answers()["positions"]
    return dict(zip(plain["baseline"], plain["lean"], strict=True))


def _short(item: str) -> str:
    """The subject of the question, without the words of the scale, which are on the axis."""
    return item_questions()[item].short.get(ui_language()).removesuffix(t("chart.is_justifiable")).rstrip()


def spread_item(table: pd.DataFrame) -> tuple[str, str, float]:
    """The question on which the two publics differ most: its id, its short name, the gap in scale points."""
    gaps = (table["chn_mean"] - table["usa_mean"]).abs()
    row = table.loc[gaps.idxmax()]
    return str(row["item_id"]), _short(str(row["item_id"])), float(gaps.max())


def item_words(table: pd.DataFrame) -> pd.DataFrame:
    """``item_table()`` for a reader: the question in words, columns named, the models' under their own names."""
    words = table.assign(item_id=[f"{_short(item)} ({item})" for item in table["item_id"]])
    for code in ("chn", "usa"):
        name = f"{code}_weight_status"
        words[name] = [term("weighting", value) for value in words[name]]
    named = [name for name in words.columns if f"item_column.{name}" in i18n.catalogue()]
    return words.rename(columns={name: term("item_column", name) for name in named})


def item_frames(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The publics and the models question by question, widest gap between the publics first."""
    gaps = (table["chn_mean"] - table["usa_mean"]).abs()
    ordered = table.loc[gaps.sort_values(ascending=False).index].assign(question=lambda f: f["item_id"].map(_short))
    publics = pd.concat(
        [
            ordered[["item_id", "question"]].assign(
                public=t("start.public", country=country(code), year=int(ordered[f"{code.lower()}_year"].iloc[0])),
                mean=ordered[f"{code.lower()}_mean"],
                n=ordered[f"{code.lower()}_n"],
            )
            for code in ("CHN", "USA")
        ]
    )
    names = list(asked_so("en", None)["positions"]["model"])
    answers = ordered.melt(id_vars=["item_id", "question"], value_vars=names, var_name="name", value_name="mean")
    return publics, answers
