"""The end of a trace: the vote beside the direct answer, real people and the baselines, and the flow of weight."""

import altair as alt
import pandas as pd
import streamlit as st

from core.audits.against_people import Comparison, compare
from core.audits.traces.types import Trace
from core.charts.options import option_bars
from core.charts.palette import Palette
from core.charts.traces import weight_flow
from core.i18n import Texts
from core.stats.distances import total_variation
from core.text import plain
from core.types import OptionDistribution, Reference
from pages.parts.shared import resources
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.fold import fold
from pages.parts.shared.names import group_label
from pages.parts.shared.texts import listed, number, percent, t, term, ui_language
from pages.parts.traces.pick import side_label

ANSWERS = ("vote", "direct", "conclusion")
STAGE_OF = {"vote": "synthesis", "direct": "direct", "conclusion": "synthesis"}


def _words(trace: Trace) -> dict[str, str]:
    return {str(option.code): option.text.get(ui_language()) for option in trace.unit.question.options}


def _reference(trace: Trace) -> Reference | None:
    unit = trace.unit
    if not unit.question.survey or not unit.persona.country:
        return None
    found = resources.survey().reference(unit.question.id, unit.persona)
    return found if isinstance(found, Reference) else None


def _found(trace: Trace) -> dict[str, OptionDistribution]:
    read = {name: trace.distribution(STAGE_OF[name], name) for name in ANSWERS}
    return {name: value for name, value in read.items() if value is not None}


def _frame(trace: Trace, people: Reference | None) -> pd.DataFrame:
    rows, options = [], list(_words(trace).values())

    def add(series: str, kind: str, look: str, shares: tuple[float, ...]) -> None:
        rows.extend(
            {
                "option": option,
                "place": position,
                "series": series,
                "kind": kind,
                "look": look,
                "faded": False,
                "share": share,
            }
            for position, (option, share) in enumerate(zip(options, shares, strict=True))
        )

    if people is not None:
        add(t("series.people", n=number(people.n)), "human", "people", people.shares)
    side = trace.unit.model.origin.side
    for name, read in _found(trace).items():
        add(term("traces_step", name), "persona" if name == "vote" else "twin", side, read.probabilities)
    return pd.DataFrame(rows)


def finding(trace: Trace) -> str:
    """The title above the chart: the result of the vote, and whether the stages changed the answer."""
    words = list(_words(trace).values())
    voted, direct = trace.vote, trace.direct
    if voted is None:
        return t("traces.no_vote")
    says = t("traces.vote_says", option=words[voted.index(max(voted))], share=percent(max(voted)))
    if direct is None:
        return says
    moved = float(total_variation(direct, voted))
    was = words[direct.index(max(direct))]
    return f"{says} {t('traces.direct_says', option=was, share=percent(max(direct)), moved=number(moved * 100, 0))}"


def numbers_of(trace: Trace) -> pd.DataFrame:
    """Distance of each answer to people beside the baselines; empty where there are no people to compare it with."""
    people = _reference(trace)
    if people is None:
        return pd.DataFrame()
    others = resources.survey().mean_of_others(trace.unit.question.id, people.country)
    rows = []
    for name, read in _found(trace).items():
        # A vote mixes several readings; its floor is that of the people who were asked.
        whole = OptionDistribution(codes=read.codes, mass=read.probabilities, method=read.method)
        found: Comparison | None = compare(whole, people, trace.unit.question, others)
        if found is None:
            continue
        rows.append(
            {
                t("numbers.answer"): term("traces_step", name),
                t("numbers.jsd"): found.jsd,
                t("numbers.jsd_uniform"): found.uniform_jsd,
                t("numbers.jsd_others"): found.others_jsd,
                t("numbers.distance_name"): term("distance", found.name),
                t("numbers.distance"): found.distance,
                t("numbers.uniform"): found.uniform,
                t("numbers.others"): found.others,
                t("numbers.floor"): f"{number(found.floor_low, 3)}–{number(found.floor_high, 3)}",
                t("numbers.method"): term("method", read.method),
                t("traces.n_people"): people.n,
            }
        )
    return pd.DataFrame(rows)


def distances_words(numbers: pd.DataFrame) -> str:
    """The distances to people in one sentence, with those of both baselines."""
    own = listed(f"{row[t('numbers.answer')]} {number(row[t('numbers.jsd')], 3)}" for _, row in numbers.iterrows())
    first = numbers.iloc[0]
    return t(
        "traces.distances",
        own=own,
        uniform=number(first[t("numbers.jsd_uniform")], 3),
        others=number(first[t("numbers.jsd_others")], 3),
    )


def show_final(trace: Trace, key: str) -> None:
    """The card of one side: finding, bars, numbers, flow."""
    st.markdown(f"##### {plain(side_label(trace.unit))}")
    title = finding(trace)
    st.markdown(f"**{plain(title)}**")
    if trace.agrees is False:
        st.warning(t("traces.disagrees"), icon=":material/flag:")
    elif trace.agrees:
        st.caption(f":material/check: {t('traces.agrees')}")
    people, block = _reference(trace), vote_block(trace, key)
    if block is None:
        return
    if people is not None:
        st.caption(group_label(people))
    else:
        st.caption(t("traces.no_people"))
    show_chart(block)
    numbers = numbers_of(trace)
    if len(numbers):
        st.markdown(distances_words(numbers))
    with fold(t("details.table"), block.key) as opened:
        if opened:
            wide = block.frame.pivot_table(index=["place", "option"], columns="series", values="share")
            shares = wide.reset_index().drop(columns="place")
            st.dataframe(shares.rename(columns={"option": t("chart.option")}), hide_index=True)
            if len(numbers):
                st.dataframe(numbers, hide_index=True)
    flow = flow_block(trace, key)
    if flow is not None:
        st.markdown(f"**{plain(flow.title)}**")
        show_chart(flow)
        show_table(lambda: flow.frame, flow.key, t("traces.flow_table"))


def vote_block(trace: Trace, key: str) -> Block | None:
    """Vote, direct answer, conclusion and people, option by option; ``None`` where nothing was read."""
    frame = _frame(trace, _reference(trace))
    if frame.empty:
        return None

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return option_bars(frame, palette, words)

    return Block(f"trace_{key}", finding(trace), draw, frame, t("answers.source"), of=_made(trace))


def flow_block(trace: Trace, key: str) -> Block | None:
    """The flow of weight from the functions to the options; ``None`` where nothing was weighed."""
    words = _words(trace)
    rows = [
        {"source": name, "target": words[option], "flow": weight * share}
        for name, weight in trace.weights.items()
        for option, share in zip(words, _shares(trace, name), strict=True)
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    top = max(trace.weights, key=lambda name: trace.weights[name])
    title = t("traces.flow_title", function=top, share=percent(trace.weights[top]))
    named = {"source": t("traces.flow_from"), "target": t("traces.flow_to"), "flow": t("traces.flow_share")}

    def draw(palette: Palette, texts: Texts) -> alt.LayerChart:
        return weight_flow(frame, palette, texts)

    return Block(f"flow_{key}", title, draw, frame.rename(columns=named), t("answers.source"), of=_made(trace))


def _made(trace: Trace) -> tuple[str, int, str]:
    """The trace, and how far it has come."""
    return trace.unit.id, len(trace.steps), str(trace.steps[-1].created)


def _shares(trace: Trace, name: str) -> tuple[float, ...]:
    step = trace.find("cognition", name)
    return step.probabilities if step else ()
