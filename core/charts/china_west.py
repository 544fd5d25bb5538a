"""Charts of China and the West: models between two publics, origins with intervals, effects of prompt and persona."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, names_legend, row_step, wrapped, zero_line
from core.i18n import Texts

GROUPS = ("China", "West", "mixed", "other", "difference", "all", "baseline")
"""The groups of the page in the order of a legend."""


def look(frame: pd.DataFrame, palette: Palette) -> tuple[alt.Color, alt.Shape]:
    """Colour and shape of each group in ``group_name``; the rows of a group, which have names, look the same."""
    names = frame.drop_duplicates("group").set_index("group")["group_name"]
    listed = [group for group in GROUPS if group in names.index]
    domain, looks = [names[group] for group in listed], [palette.looks([group])[0] for group in listed]
    legend = names_legend()
    colour = alt.Color(
        "group_name:N", scale=alt.Scale(domain=domain, range=[one.colour for one in looks]), legend=legend
    )
    shape = alt.Shape("group_name:N", scale=alt.Scale(domain=domain, range=[one.shape for one in looks]), legend=legend)
    return colour, shape


def place_chart(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str) -> alt.LayerChart:
    """One row per name: its lean with the 95 % interval; 0 = equally near to both publics, right = nearer the USA.

    ``frame`` has columns ``name``, ``group`` (one of :data:`GROUPS`), ``group_name``, ``lean``, ``low``, ``high``,
    ``n_items`` and ``faded`` (too little valid mass). Rows without a lean are kept and say so. ``axis`` names the lean.
    """
    frame = frame.assign(label=frame["name"].map(wrapped), strength=frame["faded"].map({True: 0.35, False: 1.0}))
    order = list(dict.fromkeys(frame["label"]))
    known = frame.dropna(subset=["lean"])
    reach = float(known[["lean", "low", "high"]].abs().max().max()) * 1.08 if len(known) else 1.0
    colour, shape = look(frame, palette)
    # Two lines of a name fit into a row of 29 pixels; taller ones would not leave a printed page its letters.
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis(labelFontSize=12, labelLineHeight=13))
    scale, ticks = alt.Scale(domain=[-reach, reach]), alt.Axis(format="+.1f", tickCount=5)
    title = axis_title(axis)
    base = alt.Chart(known)
    zero = zero_line(palette)
    spans = base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(
        y=y, x=alt.X("low:Q", scale=scale, title=title, axis=ticks), x2=alt.X2("high:Q"), color=colour
    )
    points = base.mark_point(size=110, filled=True).encode(
        y=y,
        x=alt.X("lean:Q", scale=scale, title=title, axis=ticks),
        color=colour,
        shape=shape,
        opacity=alt.Opacity("strength:Q", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("name:N", title=t("chart.model")),
            alt.Tooltip("group_name:N", title=t("chart.origin")),
            alt.Tooltip("lean:Q", title=t("china_west.lean"), format="+.2f"),
            alt.Tooltip("low:Q", title=t("chart.low"), format="+.2f"),
            alt.Tooltip("high:Q", title=t("chart.high"), format="+.2f"),
            alt.Tooltip("n_items:Q", title=t("chart.questions")),
        ],
    )
    silent = (
        alt.Chart(frame[frame["lean"].isna()])
        .mark_text(align="center", fontStyle="italic", color=palette.human)
        .encode(y=y, x=alt.datum(0, scale=scale), text=alt.Text("silent:N"))
    )
    return layered(palette, zero, spans, points, silent, height=alt.Step(29))


PICKED = "item"
"""Name of the selection with the ``item_id`` of the clicked public."""


def between_chart(
    publics: pd.DataFrame, answers: pd.DataFrame, palette: Palette, t: Texts, pick: bool = False
) -> alt.LayerChart:
    """One row per question: the two publics joined by a line, every model as a tick, the chosen one as a large mark.

    ``publics`` has columns ``item_id``, ``question``, ``public`` (China first), ``mean`` (1..10), ``n``; ``answers``
    has ``item_id``, ``question``, ``name``, ``group`` (the side of the model), ``mean``, ``chosen`` (bool). Rows keep
    the order of ``publics``. With ``pick`` a click on a public picks its question through the selection :data:`PICKED`.
    """
    publics, answers = (part.assign(label=part["question"].map(wrapped)) for part in (publics, answers))
    order, names = (list(dict.fromkeys(publics[name])) for name in ("label", "public"))
    chosen = answers[answers["chosen"]].dropna(subset=["mean"])
    chosen_groups = chosen.drop_duplicates("name").set_index("name")["group"]
    marks = [*names, *chosen_groups.index]
    looks = palette.looks(["people_CHN", "people_USA", *chosen_groups])
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis(labelFontSize=12, labelLineHeight=13))
    scale, ticks = alt.Scale(domain=[1, 10]), alt.Axis(tickCount=10)
    x = alt.X("mean:Q", title=axis_title(t("chart.justifiable")), scale=scale, axis=ticks)
    ends = publics.pivot_table(index="label", columns="public", values="mean", aggfunc="first", sort=False)
    spans = pd.DataFrame({"label": ends.index, "a": ends[names[0]].to_numpy(), "b": ends[names[1]].to_numpy()})
    lines = (
        alt.Chart(spans)
        .mark_rule(strokeWidth=3, opacity=0.35, color=palette.human)
        .encode(
            y=y, x=alt.X("a:Q", scale=scale, title=axis_title(t("chart.justifiable")), axis=ticks), x2=alt.X2("b:Q")
        )
    )
    all_models = (
        alt.Chart(answers.dropna(subset=["mean"]))
        .mark_tick(thickness=2, height=12, opacity=0.45, color=palette.human)
        .encode(
            y=y,
            x=x,
            tooltip=[
                alt.Tooltip("name:N", title=t("chart.model")),
                alt.Tooltip("question:N", title=t("chart.question")),
                alt.Tooltip("mean:Q", title=t("chart.mean"), format=".2f"),
            ],
        )
    )
    both = pd.concat([publics.assign(mark=publics["public"]), chosen.assign(mark=chosen["name"])], ignore_index=True)
    scale_of = {"domain": marks}
    legend = names_legend()
    points = (
        alt.Chart(both)
        .mark_point(size=120, filled=True, opacity=1, cursor="pointer" if pick else "default")
        .encode(
            y=y,
            x=x,
            color=alt.Color("mark:N", scale=alt.Scale(**scale_of, range=[one.colour for one in looks]), legend=legend),
            shape=alt.Shape(
                "mark:N",
                scale=alt.Scale(**scale_of, range=[one.shape for one in looks]),
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip("mark:N", title=t("chart.answered_by")),
                alt.Tooltip("question:N", title=t("chart.question")),
                alt.Tooltip("mean:Q", title=t("chart.mean"), format=".2f"),
                *([alt.Tooltip("n:Q", title="n")] if pick else []),
            ],
        )
    )
    if pick:
        chosen_item = alt.selection_point(name=PICKED, fields=["item_id"], on="click", clear="dblclick")
        points = points.add_params(chosen_item)
    return layered(palette, lines, all_models, points, height=alt.Step(29))


def effect_chart(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str) -> alt.LayerChart:
    """One row per change of asking, one mark per group of models: change of the lean with its 95 % interval.

    ``frame`` has columns ``change_name``, ``group``, ``group_name``, ``change``, ``low``, ``high``, ``models``,
    ``developers``. Left of 0 = moved towards China.
    """
    frame = frame.dropna(subset=["change"]).assign(label=lambda f: f["change_name"].map(wrapped))
    order, groups = (list(dict.fromkeys(frame[name])) for name in ("label", "group_name"))
    colour, shape = look(frame, palette)
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis())
    offset = alt.YOffset("group_name:N", sort=groups)
    title, ticks = axis_title(axis), alt.Axis(format="+.1f", tickCount=5)
    zero = zero_line(palette)
    spans = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=2.5, opacity=0.55)
        .encode(y=y, yOffset=offset, x=alt.X("low:Q", title=title, axis=ticks), x2=alt.X2("high:Q"), color=colour)
    )
    points = (
        alt.Chart(frame)
        .mark_point(size=100, filled=True, opacity=1)
        .encode(
            y=y,
            yOffset=offset,
            x=alt.X("change:Q", title=title, axis=ticks),
            color=colour,
            shape=shape,
            tooltip=[
                alt.Tooltip("change_name:N", title=t("china_west.what")),
                alt.Tooltip("group_name:N", title=t("chart.origin")),
                alt.Tooltip("change:Q", title=t("china_west.change"), format="+.2f"),
                alt.Tooltip("low:Q", title=t("chart.low"), format="+.2f"),
                alt.Tooltip("high:Q", title=t("chart.high"), format="+.2f"),
                alt.Tooltip("models:Q", title=t("china_west.models")),
                alt.Tooltip("developers:Q", title=t("china_west.developers")),
            ],
        )
    )
    return layered(palette, zero, spans, points, height=row_step(order, 24))
