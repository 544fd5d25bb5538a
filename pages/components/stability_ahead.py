"""What the stability page shows before anything is chosen, computed and drawn while nobody waits."""

from pages.components.chart_block import draw_ahead
from pages.components.stability_data import Source, scores_of, stability_runs, usual_run
from pages.components.stability_matrix import usual_block
from pages.components.stability_overview import axes_block, group_block
from pages.components.stability_values import curve_block, values_block
from pages.components.stability_waves import found_waves
from pages.components.texts import t


def usual_source(run) -> tuple[Source, list[str]]:
    """The page's source of ``run``, and the models it shows first: one, or none where nothing was read."""
    size = int(run["rows"])
    models = list(dict.fromkeys(scores_of(run["run_id"], size)["readings"]["model_id"]))[:1]
    return Source(t("stability.source", run=run["run_id"]), (run["run_id"], size, tuple(models))), models


def prepare() -> None:
    """Compute and draw."""
    runs = stability_runs()
    if runs.empty:
        return
    run = usual_run(runs)
    source, models = usual_source(run)
    found_waves(runs, run)
    if not models:
        return
    scores = scores_of(run["run_id"], int(run["rows"]))
    blocks = [
        axes_block(scores, models, source),
        group_block(scores, models, "ambiguity", source),
        group_block(scores, models, "domain", source),
        usual_block(scores["readings"], models[0], source),
        values_block(scores, models, source),
        curve_block(scores, models, source),
    ]
    draw_ahead(block for block in blocks if block is not None)
