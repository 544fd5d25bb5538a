"""Where a trace ends: the vote beside the direct answer, real people and the baselines, and the flow of weight."""

import pandas as pd
import streamlit as st

from core.audits.compare import Comparison, compare
from core.audits.mark_types import Trace
from core.charts.options import option_bars
from core.charts.trace import weight_flow
from core.metrics.distances import total_variation
from core.types import OptionDistribution, Reference
from pages.components import resources
from pages.components.downloads import show_downloads
from pages.components.names import group_label
from pages.components.palette import current_palette
from pages.components.texts import number, percent, t, term, ui_language
from pages.components.trace_pick import side_label

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
    rows = []
    options = list(_words(trace).values())

    def add(series: str, kind: str, place: int, shares: tuple[float, ...]) -> None:
        rows.extend(
            {
                "option": option,
                "place": position,
                "series": series,
                "kind": kind,
                "model_place": place,
                "faded": False,
                "share": share,
            }
            for position, (option, share) in enumerate(zip(options, shares, strict=True))
        )

    if people is not None:
        add(t("series.people", n=number(people.n)), "human", 0, people.shares)
    for place, (name, read) in enumerate(_found(trace).items()):
        add(term("trace_step", name), "persona" if name == "vote" else "twin", place, read.probabilities)
    return pd.DataFrame(rows)


def finding(trace: Trace) -> str:
    """The title above the chart: what the vote says, and whether the stages changed the answer."""
    words = list(_words(trace).values())
    voted, direct = trace.vote, trace.direct
    if voted is None:
        return t("trace.no_vote")
    says = t("trace.vote_says", option=words[voted.index(max(voted))], share=percent(max(voted)))
    if direct is None:
        return says
    moved = float(total_variation(direct, voted))
    was = words[direct.index(max(direct))]
    return f"{says} {t('trace.direct_says', option=was, share=percent(max(direct)), moved=f'{moved * 100:.0f}')}"


def _numbers(trace: Trace, people: Reference) -> pd.DataFrame:
    others = resources.survey().mean_of_others(trace.unit.question.id, people.country)
    rows = []
    for name, read in _found(trace).items():
        # A vote mixes several readings; its floor is that of the people who were asked.
        plain = OptionDistribution(codes=read.codes, mass=read.probabilities, method=read.method)
        found: Comparison | None = compare(plain, people, trace.unit.question, others)
        if found is None:
            continue
        rows.append(
            {
                t("numbers.answer"): term("trace_step", name),
                t("numbers.jsd"): found.jsd,
                t("numbers.jsd_uniform"): found.uniform_jsd,
                t("numbers.jsd_others"): found.others_jsd,
                t("numbers.distance_name"): term("distance", found.name),
                t("numbers.distance"): found.distance,
                t("numbers.uniform"): found.uniform,
                t("numbers.others"): found.others,
                t("numbers.floor"): f"{found.floor_low:.3f}–{found.floor_high:.3f}",
                t("numbers.method"): term("method", read.method),
                t("trace.n_people"): people.n,
            }
        )
    return pd.DataFrame(rows)


def _distances(numbers: pd.DataFrame) -> str:
    """The distances to people in one sentence, with what both baselines score."""
    own = "; ".join(f"{row[t('numbers.answer')]} {row[t('numbers.jsd')]:.3f}" for _, row in numbers.iterrows())
    first = numbers.iloc[0]
    return t(
        "trace.distances",
        own=own,
        uniform=f"{first[t('numbers.jsd_uniform')]:.3f}",
        others=f"{first[t('numbers.jsd_others')]:.3f}",
    )


def show_final(trace: Trace, key: str) -> None:
    """The card of one side: finding, bars, numbers, flow."""
    st.markdown(f"##### {side_label(trace.unit)}")
    title = finding(trace)
    st.markdown(f"**{title}**")
    if trace.agrees is False:
        st.warning(t("trace.disagrees"), icon=":material/flag:")
    elif trace.agrees:
        st.caption(f":material/check: {t('trace.agrees')}")
    people = _reference(trace)
    frame, palette = _frame(trace, people), current_palette()
    if frame.empty:
        return
    if people is not None:
        st.caption(group_label(people))
    else:
        st.caption(t("trace.no_people"))
    st.altair_chart(option_bars(frame, palette, t), theme=None, key=f"final_{key}", alt=title)
    show_downloads(
        lambda: option_bars(frame, palette, t), frame, key=f"trace_{key}", title=title, source=t("answers.source")
    )
    numbers = _numbers(trace, people) if people is not None else pd.DataFrame()
    if len(numbers):
        st.markdown(_distances(numbers))
    with st.expander(t("details.table"), icon=":material/table:"):
        wide = frame.pivot_table(index=["place", "option"], columns="series", values="share")
        plain = wide.reset_index().drop(columns="place")
        st.dataframe(plain.rename(columns={"option": t("chart.option")}), hide_index=True)
        if len(numbers):
            st.dataframe(numbers, hide_index=True)
    _show_flow(trace, key)


def _show_flow(trace: Trace, key: str) -> None:
    words = _words(trace)
    rows = [
        {"source": name, "target": words[option], "flow": weight * share}
        for name, weight in trace.weights.items()
        for option, share in zip(words, _shares(trace, name), strict=True)
    ]
    if not rows:
        return
    frame, palette = pd.DataFrame(rows), current_palette()
    top = max(trace.weights, key=lambda name: trace.weights[name])
    title = t("trace.flow_title", function=top, share=percent(trace.weights[top]))
    st.markdown(f"**{title}**")
    st.altair_chart(weight_flow(frame, palette, t), theme=None, key=f"flow_{key}", alt=title)
    show_downloads(
        lambda: weight_flow(frame, palette, t), frame, key=f"flow_{key}", title=title, source=t("answers.source")
    )
    with st.expander(t("trace.flow_table"), icon=":material/table:"):
        table = frame.rename(
            columns={"source": t("trace.flow_from"), "target": t("trace.flow_to"), "flow": t("trace.flow_share")}
        )
        st.dataframe(table, hide_index=True)


def _shares(trace: Trace, name: str) -> tuple[float, ...]:
    step = trace.find("cognition", name)
    return step.probabilities if step else ()
