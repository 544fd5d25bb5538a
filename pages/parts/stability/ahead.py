"""Computes and draws the first view of the stability page in advance, before anybody opens it."""

from pages.parts.shared.chart_block import draw_ahead
from pages.parts.shared.scope import usual_runs
from pages.parts.stability.data import scores_of, source_of, stability_runs, usual_run
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
    scores = scores_of(run["run_id"], int(run["rows"]))
    models = list(dict.fromkeys(scores["readings"]["model_id"]))[:1]
    if not models:
        return
    source = source_of(run["run_id"], int(run["rows"]), models)
    blocks = [
        axes_block(scores, models, source),
        group_block(scores, models, "ambiguity", source),
        group_block(scores, models, "domain", source),
        usual_block(scores["readings"], models[0], source),
        values_block(scores, models, source),
        curve_block(scores, models, source),
        *moving_ahead(run["run_id"], int(run["rows"]), models),
    ]
    draw_ahead(block for block in blocks if block is not None)
