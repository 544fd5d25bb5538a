"""Computes and draws the first view of the page of simulated citizens in advance, before anybody opens it."""

from core.types import DEFAULT_KINDS
from pages.parts.citizens.data import citizen_runs, counted, frames_of, seeds_of, summary_of
from pages.parts.citizens.detail import question_block
from pages.parts.citizens.view import ablation, diversity, group_distances
from pages.parts.citizens.words import Compared
from pages.parts.shared.chart_block import draw_ahead
from pages.parts.shared.scope import usual_runs
from pages.parts.shared.texts import t


def prepare() -> None:
    """Compute and draw."""
    runs = usual_runs(citizen_runs())
    if runs.empty:
        return
    run, size = runs["run_id"].iloc[0], int(runs["rows"].iloc[0])
    found = counted(frames_of(run, size)["questions"], DEFAULT_KINDS)
    if found.empty:
        return
    first = found.iloc[0]
    asked = (first["model_id"], first["language"])
    everywhere = summary_of(run, size, *asked, "any", DEFAULT_KINDS)
    table = everywhere[everywhere["country"] == first["country"]]
    is_whole = table["dimension"] == "all"
    whole, arm = table[is_whole], table[is_whole]["arm"].iloc[-1]
    compared = Compared(0, seeds_of(run, size, *asked, first["country"], "any", DEFAULT_KINDS))
    source = t("citizens.source", run=run)
    groups = table[~is_whole & (table["arm"] == arm)]
    here = found[(found["model_id"] == asked[0]) & (found["language"] == asked[1])]
    here = here[here["country"] == first["country"]]
    name = here["question_id"].iloc[0]
    row = here[(here["dimension"] == "all") & (here["arm"] == arm) & (here["question_id"] == name)]
    blocks = [ablation(whole, compared, source).block, diversity(whole, source).block]
    if len(groups):
        blocks.append(group_distances(groups, source).block)
    if len(row):
        blocks.append(question_block(row.iloc[0], arm, name))
    draw_ahead(blocks)
