"""The data of the stability page: dilemmas, runs of the audit, and their scores."""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.audits.stability.rows import stored_rows
from core.audits.stability.scores import score
from core.audits.stability.waves import drift, list_waves
from core.types import LITTLE_MASS
from pages.parts.shared import resources
from pages.parts.shared.aside import aside_words
from pages.parts.shared.dilemmas import corpus
from pages.parts.shared.glossary import explain
from pages.parts.shared.kept import kept_of_run
from pages.parts.shared.names import model_name
from pages.parts.shared.texts import listed, percent, t, term

EVEN = 1e-9
MOST_MODELS = 2
"""Most models side by side."""


class Shown(NamedTuple):
    """The runs that a page shows together: ``ids``, and how many ``rows`` they have in all."""

    ids: tuple[str, ...]
    rows: int


class Source(NamedTuple):
    """The runs that a page shows: ``words`` for a file, and ``of``, everything on which its charts depend
    (:class:`Block`)."""

    words: str
    of: tuple[Hashable, ...]


def source_of(shown: Shown, models: list[str]) -> Source:
    """The runs ``shown`` as the page shows ``models`` of them."""
    return Source(t("stability.source", run=listed(shown.ids)), (*shown, tuple(models)))


def models_asked(run_id: str) -> list[str]:
    """The models that a run asks."""
    return list(dict.fromkeys(resources.store().info(run_id).spec["models"]))


def runs_beside(runs: pd.DataFrame, chosen: str) -> dict[str, str]:
    """Other models and the run of each that was asked just as ``chosen`` was, the newest of several.

    The specs of the two runs differ in nothing but their models.
    """
    store = resources.store()
    mine = dict(store.info(chosen).spec)
    own, found = set(mine.pop("models")), {}
    for name in runs.sort_values("created")["run_id"]:
        spec = dict(store.info(name).spec)
        models = spec.pop("models", ())
        if name != chosen and spec == mine:
            found |= dict.fromkeys((model for model in models if model not in own), name)
    return found


def shown_runs(runs: pd.DataFrame, chosen: str, models: Sequence[str], beside: Mapping[str, str]) -> Shown:
    """The runs of ``models``: ``chosen``, and those of :func:`runs_beside` that are needed."""
    names = tuple(dict.fromkeys(beside.get(model, chosen) for model in models))
    rows = runs.set_index("run_id")["rows"]
    return Shown(names, int(sum(rows[name] for name in names)))


def stability_runs() -> pd.DataFrame:
    """Runs of this audit, oldest first, with the series they belong to."""
    store = resources.store()
    store.refresh()
    return list_waves(store.runs())


def usual_run(runs: pd.DataFrame) -> pd.Series:
    """The largest of ``runs``; the latest where several are equally large."""
    return runs.sort_values(["rows", "created"]).iloc[-1]


@st.cache_data(show_spinner=False, max_entries=8)
@kept_of_run
def scores_of(run_ids: tuple[str, ...], rows: int, together: tuple[str, ...] = ()) -> dict[str, pd.DataFrame]:
    """Scores of one run or a few; models in ``together`` are compared on the variants that all of them have.

    ``rows`` is part of the cache key, so that a run that has grown is scored again.
    """
    return score(stored_rows(resources.store(), corpus()[0], list(run_ids)), corpus()[0], together=together)


def side_by_side(models: Sequence[str]) -> tuple[str, ...]:
    """The models that are scored on the variants that all of them have: ``models`` where there are several."""
    return tuple(models) if len(models) > 1 else ()


def set_words(scores: dict[str, pd.DataFrame]) -> list[str]:
    """What was left out so that models side by side use the same variants, as Markdown; empty for one model."""
    if "shared" not in scores:
        return []
    sets = scores["shared"].assign(name=lambda frame: frame["model_id"].map(model_name))
    rest = sets[sets["comparable"]]
    fewest = int(rest["variants"].min()) if len(rest) else 0
    apart = list(sets.loc[~sets["comparable"], "name"])
    return aside_words(fewest, dict(zip(rest["name"], rest["aside"], strict=True)), apart, "variants")


@st.cache_data(show_spinner=False, max_entries=4)
def drift_of(waves: pd.DataFrame, asked: dict[str, str]) -> pd.DataFrame:
    """What moved between the waves of one series; ``asked`` are the names under which models are asked, by id."""
    return drift(stored_rows(resources.store(), corpus()[0], list(waves["run_id"])), waves, corpus()[0], asked=asked)


def variant_name(axis: str, step: str) -> str:
    """A short name of one variant, such as “step 3”."""
    if axis == "base":
        return term("stability_variant", "base")
    words = term("stability_variant", step) if axis == "consequence" else step
    return term("stability_variant", axis, step=words)


def column_name(axis: str, step: str, language: str, languages: int) -> str:
    """A variant, with its language where there are two."""
    name = variant_name(axis, step)
    return f"{name} · {language}" if languages > 1 else name


def mark(p: float, valid_mass: float) -> str:
    """The sign of a choice: a, b, = for even odds, · where mostly nothing was chosen."""
    if pd.isna(p) or valid_mass < LITTLE_MASS:
        return "·"
    if abs(p - 0.5) <= EVEN:
        return "="
    return "a" if p > 0.5 else "b"


ORDER = ("base", "paraphrase", "consequence", "escalation", "escalation_alone")


def cells_of(readings: pd.DataFrame) -> pd.DataFrame:
    """One row per model, dilemma, variant and language, means over both printed orders: p, valid_mass, mark, column."""
    keys = ["model_id", "dilemma", "domain", "language", "axis", "step"]
    both = readings.groupby(keys, as_index=False, dropna=False)[["p", "valid_mass"]].mean()
    place = both["axis"].map(ORDER.index)
    both = both.assign(place=place).sort_values(["place", "step", "language"], kind="stable")
    count = both["language"].nunique()
    variants = list(zip(both["axis"], both["step"], both["language"], strict=True))
    named = {variant: column_name(*variant, count) for variant in dict.fromkeys(variants)}
    names = [named[variant] for variant in variants]
    marks = [mark(p, v) for p, v in zip(both["p"], both["valid_mass"], strict=True)]
    return both.assign(column=names, mark=marks).reset_index(drop=True)


def written(value: float, signed: bool = False) -> str:
    """A share in the form of the page."""
    return t("stability.unknown") if pd.isna(value) else percent(value, 1, signed=signed)


MEANING = {"flips": "flip_rate", "excess": "excess_instability", "alpha": "alpha", "jsd": "jsd"}
"""Columns that the glossary explains, with the term of each."""


def meaning(column: str) -> str | None:
    """The glossary's text for a column, where it has one."""
    return explain(MEANING[column]) if column in MEANING else None


def table(frame: pd.DataFrame, columns: list[str], shares: tuple[str, ...]) -> None:
    """A table with named columns; ``shares`` are drawn as percentages."""
    config = {
        name: st.column_config.NumberColumn(
            term("stability_column", name), format="percent" if name in shares else None, help=meaning(name)
        )
        if name in shares or name in MEANING
        else term("stability_column", name)
        for name in columns
    }
    st.dataframe(frame[columns], hide_index=True, column_config=config)
