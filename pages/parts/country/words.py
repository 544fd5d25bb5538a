"""The sentences of the country page."""

import pandas as pd

from core.findings.world import EVEN, OTHERS, Apart, clearly_nearer, scoring
from core.types import Question
from pages.parts.shared import resources
from pages.parts.shared.names import country, model_name
from pages.parts.shared.texts import listed, percent, span, t, term, ui_language


def label(row: pd.Series) -> str:
    """The question of ``row`` in short, with the option where it has no order."""
    question = resources.questions()[row["question_id"]]
    name = question.short.get(ui_language())
    if question.scale == "ordinal":
        return name
    return t("country.with_option", name=name, option=option_text(question, row.get("option")))


def option_text(question: Question, code: object) -> str:
    """The words of an option of a question without order; those of the first option where the code is unknown."""
    wanted = None if code is None or pd.isna(code) else int(str(code).split(".")[0])
    return question.options[int(scoring(question, wanted).argmax())].text.get(ui_language())


def facts(row: pd.Series) -> str:
    """Place among the countries, people, year and weights."""
    return t(
        "country.facts",
        place=int(row["place"]),
        places=int(row["places"]),
        n=int(row["n"]),
        year=str(int(row["year"])),
        weights=term("world_weights", row["weight_status"]),
    )


def value_span(row: pd.Series) -> str:
    """The value of a country with the 95 % interval of its sample."""
    low, high = max(row["value_low"], 0.0), min(row["value_high"], 1.0)
    return f"{percent(row['value'])} [{percent(low)}, {percent(high)}]"


def apart_words(found: Apart, place: str) -> str:
    """On how many questions a country differs clearly, and on which most."""
    if found.listed.empty:
        return t("country.apart_none", country=country(place), questions=found.questions)
    first = found.listed.iloc[0]
    return t(
        "country.apart",
        country=country(place),
        clear=found.clear,
        questions=found.questions,
        name=label(first),
        value=percent(first["value"]),
        others=percent(first["others"]),
    )


def model_words(table: pd.DataFrame, place: str) -> list[str]:
    """Which model is nearest, how certain its place is, and whether any beats the answers that need no model."""
    models = table[~table["name"].isin([EVEN, OTHERS])]
    first = models.iloc[0]
    among = models[models["rank_low"] <= first["rank_high"]]
    rival = [model_name(name) for name in among["name"].iloc[1:]]
    out = [
        t(
            "country.nearest",
            model=model_name(first["name"]),
            country=country(place),
            value=span(first["distance"], first["low"], first["high"], 2),
        )
    ]
    out.append(t("country.rivals", n=len(rival), names=listed(rival)) if rival else t("country.alone"))
    clear = len(clearly_nearer(models))
    out.append(t("country.beats_even", clear=clear, total=len(models)))
    nearer = int(models["beats_others"].sum())
    beats = t("country.beats_others", nearer=nearer, total=len(models))
    out.append(beats if nearer else t("country.beats_others_none"))
    return out
