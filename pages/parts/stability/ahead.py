"""Computes and draws the first view of the stability page in advance, before anybody opens it."""

from pages.parts.shared.chart_block import draw_ahead
from pages.parts.shared.scope import usual_runs
from pages.parts.shared.turns import give_way
from pages.parts.stability.data import (
    MOST_MODELS,
    models_asked,
    runs_beside,
    scores_of,
    shown_runs,
    side_by_side,
    source_of,
    stability_runs,
    usual_run,
)
from pages.parts.stability.matrix import usual_block
from pages.parts.stability.moving import moving_ahead
from pages.parts.stability.overview import axes_block, group_block
from pages.parts.stability.values import curve_block, values_block
from pages.parts.stability.waves import found_waves


def prepare() -> None:
    """Compute and draw."""
    runs = usual_runs(stability_runs())
    if runs.empty:
        return
    run = usual_run(runs)
    found_waves(runs, run)
    give_way()
    chosen = run["run_id"]
    beside = runs_beside(runs, chosen)
    models = [*models_asked(chosen), *beside][:MOST_MODELS]
    shown = shown_runs(runs, chosen, models, beside)
    scores = scores_of(*shown, side_by_side(models))
    give_way()
    readings, source = scores["readings"], source_of(shown, models)
    models = [name for name in models if name in set(readings["model_id"])]
    if not models:
        return
    blocks = [
        axes_block(scores, models, source),
        group_block(scores, models, "ambiguity", source),
        group_block(scores, models, "domain", source),
        *(usual_block(readings, model, source, "2" if place else "") for place, model in enumerate(models)),
        values_block(scores, models, source),
        curve_block(scores, models, source),
        *moving_ahead(shown, models),
    ]
    draw_ahead(block for block in blocks if block is not None)
