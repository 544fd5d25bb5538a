"""The data of the page of simulated citizens, computed once per run and size of the run."""

import pandas as pd
import streamlit as st

from core.audits import AUDITS
from core.audits.citizens.plan import arm_name
from core.audits.citizens.scores import seed_changes, summary
from core.surveys.questions import among_kinds
from pages.parts.shared import resources
from pages.parts.shared.kept import kept_of_run
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.names import run_title
from pages.parts.shared.resources import bank
from pages.parts.shared.texts import day, listed, t, term

KIND = "citizens"
ARMS = ("none", "prompt", "configuration", "memory", "all")


def citizen_runs() -> pd.DataFrame:
    """Runs of this audit that have answers, newest first."""
    store = resources.store()
    store.refresh()
    runs = store.runs()
    return runs[(runs["kind"] == KIND) & (runs["rows"] > 0)].reset_index(drop=True)


@st.cache_data(show_spinner=False, max_entries=8)
@kept_of_run
def frames_of(run_id: str, rows: int) -> dict[str, pd.DataFrame]:
    """Scores of one run without their noise floors; ``rows`` is part of the cache key, as a run can grow."""
    found = _with_floors(run_id, rows)
    return {name: frame.drop(columns="floor", errors="ignore") for name, frame in found.items()}


@st.cache_data(show_spinner=False, max_entries=2)
def _with_floors(run_id: str, rows: int) -> dict[str, pd.DataFrame]:
    store = resources.store()
    ids = list(store.responses([run_id])["cell_id"])
    return AUDITS[KIND]().scores(store.rows(run_id, ids), bank())


def counted(frame: pd.DataFrame, kinds: Kinds) -> pd.DataFrame:
    """Rows on questions of ``kinds``."""
    return frame[frame["question_id"].isin(among_kinds(resources.questions(), kinds))] if len(frame) else frame


@st.cache_data(show_spinner=False, max_entries=32)
@kept_of_run
def summary_of(run_id: str, rows: int, model: str, language: str, topic: str, kinds: Kinds) -> pd.DataFrame:
    """The summary of one model in all its countries, arms in fixed order, on questions of ``kinds``.

    ``topic`` is ``any`` for all of them.

    It needs all countries together, because whether a change is clear depends on all changes that the run compares.
    """
    found = counted(_with_floors(run_id, rows)["questions"], kinds)
    mine = found[(found["model_id"] == model) & (found["language"] == language)]
    if topic != "any":
        mine = mine[mine["topic"] == topic]
    table = summary(mine)
    return table.sort_values("arm", key=lambda column: column.map(arm_place), kind="stable") if len(table) else table


def seeds_of(run_id: str, rows: int, model: str, language: str, place: str, topic: str, kinds: Kinds) -> pd.DataFrame:
    """Each draw of people by itself: arm, seed, distance, change."""
    found = counted(frames_of(run_id, rows)["seeds"], kinds)
    mine = found[(found["model_id"] == model) & (found["language"] == language) & (found["country"] == place)]
    return seed_changes(mine if topic == "any" else mine[mine["topic"] == topic])


def arm_place(arm: str) -> int:
    """The sort place of an arm: none first, then the sources, then those that combine them."""
    return ARMS.index(arm) if arm in ARMS else len(ARMS) - 1


def arm_words(arm: str) -> str:
    """An arm in words; two sources joined are named in turn."""
    if arm in (*ARMS, "written"):
        return term("citizens_arm", arm)
    return listed(term("citizens_arm", source) for source in arm.split("+"))


def run_words(run: pd.Series) -> str:
    """Title and size of a run."""
    return t("citizens.run_label", title=run_title(run.name, run["title"], KIND), date=day(run["created"]))


def skipped(frames: dict[str, pd.DataFrame], model: str, spec: dict[str, object]) -> bool:
    """Whether the run asked for configuration and this model has nothing to configure."""
    asked = [str(name) for name in spec.get("sources", [])] if isinstance(spec.get("sources"), list) else []
    mine = frames["answers"][frames["answers"]["model_id"] == model]
    wanted = arm_name(("configuration",)) if spec.get("ablation") and "configuration" in asked else ""
    return bool(wanted) and wanted not in set(mine["arm"])
