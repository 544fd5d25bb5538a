"""Stability: dilemmas in every variant, and how much of the turning is more than noise."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.brief import Brief
from pages.parts.app.frame import inside_app
from pages.parts.shared import links
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.dilemmas import corpus
from pages.parts.shared.fold import show_how
from pages.parts.shared.glossary import explain
from pages.parts.shared.kinds import DEFAULTS as KINDS
from pages.parts.shared.names import model_name, run_title
from pages.parts.shared.problems import problem_text
from pages.parts.shared.scope import DEFAULTS, pick_runs
from pages.parts.shared.texts import moment, t, term
from pages.parts.shared.who_picker import default_model
from pages.parts.stability.brief import stability_brief
from pages.parts.stability.data import (
    MOST_MODELS,
    models_asked,
    runs_beside,
    scores_of,
    set_words,
    shown_runs,
    side_by_side,
    source_of,
    stability_runs,
    usual_run,
)
from pages.parts.stability.live import show_live
from pages.parts.stability.matrix import show_matrix, show_opened
from pages.parts.stability.moving import show_moving
from pages.parts.stability.overview import show_axes, show_groups, show_headline
from pages.parts.stability.values import show_consequences, show_curve, show_values
from pages.parts.stability.waves import show_waves

inside_app()

MODES = ("run", "live")


def show_run() -> Callable[[], Brief] | None:
    """Pick a run and up to two of its models and show all of it; returns what puts it into a brief."""
    every = stability_runs()
    if every.empty:
        st.info(t("stability.no_runs"), icon=":material/hourglass_empty:")
        return None
    runs = pick_runs(every, "run")
    if runs.empty:
        st.info(t("scope.nothing"), icon=":material/filter_alt_off:")
        return None
    by_id = runs.set_index("run_id")
    ids = list(runs["run_id"])[::-1]
    usual = usual_run(runs)["run_id"]
    links.restore_one("run", ids, usual)
    if st.session_state["run"] not in ids:
        st.session_state["run"] = usual
    left, right = st.columns([3, 2])
    chosen = left.selectbox(t("stability.run"), ids, format_func=lambda name: run_label(by_id.loc[name]), key="run")
    beside = runs_beside(runs, chosen)
    known = [*models_asked(chosen), *beside]
    links.restore_many("sm", known, known[:MOST_MODELS], MOST_MODELS)
    st.session_state["sm"] = [name for name in st.session_state["sm"] if name in known] or known[:MOST_MODELS]
    models = right.multiselect(
        t("stability.models"),
        known,
        format_func=model_name,
        placeholder=t("app.choose"),
        select_all=False,
        key="sm",
        max_selections=MOST_MODELS,
    )
    if not models:
        st.info(t("stability.no_model"), icon=":material/edit:")
        return None
    shown = shown_runs(runs, chosen, models, beside)
    scores = scores_of(*shown, side_by_side(models))
    readings, source = scores["readings"], source_of(shown, models)
    models = [name for name in models if name in set(readings["model_id"])]
    if not models:
        st.warning(t("stability.no_readings"))
        return None
    show_moving(shown, models)
    show_headline(scores, models)
    for sentence in set_words(scores):
        st.caption(sentence)
    show_axes(scores, models, source)
    show_groups(scores, models, source)
    for place, (column, model) in enumerate(zip(st.columns(len(models)), models, strict=True)):
        with column:
            show_matrix(readings, model, source, "" if place == 0 else "2")
    show_opened(readings, models)
    show_values(scores, models, source)
    show_curve(scores, models, source)
    show_consequences(scores, models)
    run = runs[runs["run_id"] == chosen].iloc[0]
    show_waves(runs, run)
    return partial(stability_brief, scores, models, runs, run, shown)


def run_label(run) -> str:
    """Title, date and size of a run."""
    return t(
        "stability.run_label",
        title=run_title(run.name, run["title"], run["kind"]),
        date=moment(run["created"]),
        rows=run["rows"],
    )


st.title(t("stability.title"), anchor=False, help=explain("flip_rate", "excess_instability"))
st.markdown(t("stability.intro"))
brief_place = st.container()
dilemmas, problem = corpus()
if problem is not None:
    st.warning(f"{t('stability.own_problem')} {problem_text(problem)}", icon=":material/error:")
links.restore_one("smode", MODES, MODES[0])
mode = st.segmented_control(
    t("stability.mode"),
    MODES,
    format_func=lambda name: term("stability_mode", name),
    key="smode",
    required=True,
    label_visibility="collapsed",
)
if mode == "live":
    brief = None
    show_live()
else:
    brief = show_run()

protocol = t(
    "stability.protocol",
    n=len(dilemmas),
    domains=len({d.domain for d in dilemmas.values()}),
    low=sum(d.ambiguity == "low" for d in dilemmas.values()),
    escalations=sum(bool(d.escalation) for d in dilemmas.values()),
)
show_how("stability", t("stability.how_title"), t("stability.how"), protocol, t("stability.own_file"))
links.save(
    {"smode": MODES[0], "run": None, "sm": None, "d": None, "take": "corpus", "lang": ["en"], "m": [default_model()]}
    | DEFAULTS
    | KINDS
)
if brief is not None:
    with brief_place:
        show_brief("stability", brief)
