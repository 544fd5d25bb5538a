"""The trace page as a brief."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from core.audits.traces.faithfulness import SLIGHT, Effect
from core.audits.traces.gain import LEAST
from core.audits.traces.types import Trace
from core.brief import Brief, Figure, FirstPage, plain_lines, run_sources, table_of
from core.findings import wording
from core.findings.confidence import Stated, line, surest, unmeasured
from pages.parts.shared import resources
from pages.parts.shared.brief_words import first_page, limits
from pages.parts.shared.chart_block import Block
from pages.parts.shared.names import model_name
from pages.parts.shared.texts import paired, t, term, texts
from pages.parts.traces.faith import faith_block
from pages.parts.traces.final import distances_words, finding, flow_block, numbers_of, vote_block
from pages.parts.traces.gain import Gained
from pages.parts.traces.pick import side_label


def trace_brief(traces: list[Trace], found: list[Effect], gain: Gained | None, runs: Iterable[str]) -> Brief:
    """The answers of ``traces`` with their flow of weight, the interventions ``found``, and the gain by the stages."""
    sentences = [paired(side_label(trace.unit), finding(trace)) for trace in traces]
    blocks = [block for trace in traces for block in _of_one(trace)]
    tables = []
    for trace in traces:
        numbers = numbers_of(trace)
        if len(numbers):
            sentences.append(distances_words(numbers))
            tables.append(table_of(_paper(numbers), side_label(trace.unit)))
    chief = []
    if found:
        # Where interventions were made, the bottom line is based on their chart.
        block = faith_block(found, traces[0].unit.model.origin.side)
        sentences.append(block.title)
        blocks.append(block)
        chief = [block.figure()]
        tables.append(table_of(block.frame, t("traces.faith_title")))
    if gain is not None:
        sentences.append(gain.block.title)
        blocks.append(gain.block)
    figures = [block.figure() for block in blocks]
    return Brief(
        title=t("traces.title"),
        first=_first(traces[0], found, gain, chief or figures),
        finding=tuple(sentences),
        figures=tuple(figures),
        tables=tuple(tables),
        method=plain_lines(t("traces.how")),
        limits=(t("traces.warning"), *limits("traces")),
        data=(t("answers.source"),),
        runs=run_sources(resources.store(), runs),
    )


def _first(trace: Trace, found: list[Effect], gain: Gained | None, figures: list[Figure]) -> FirstPage:
    """What moves the answers most, the other parts, and whether the reasoning helps."""
    lines = [_part("part", effect) for effect in sorted(found, key=lambda e: -e.distance.mean)]
    helps = [gain_line(row) for row in gain.rows.to_dict("records")] if gain is not None else []
    if found:
        most = max(found, key=lambda effect: effect.distance.mean)
        bottom = _part("reason", most, model=model_name(trace.unit.model.id))
    else:
        bottom = unmeasured(texts(), paired(side_label(trace.unit), finding(trace)))
    return first_page("traces", bottom, [*surest(helps, 1), *surest(lines)], figures)


def _part(key: str, effect: Effect, **words: str) -> Stated:
    figure = wording.Figure(effect.distance.mean, effect.distance.low, effect.distance.high, least=SLIGHT)
    names = {"what": term("traces_intervention", effect.intervention), "n": effect.n, **words}
    return line(texts(), key, figure, wording.points(signed=False), rising=True, **names)


def gain_line(row: dict[str, Any]) -> Stated:
    """Whether the reasoning helps one group, by the row of :func:`core.audits.traces.gain.gains` with its ``label``."""
    numbers = (float(row[name]) for name in ("change", "low", "high", "p_adjusted"))
    figure = wording.Figure(*numbers, tests=int(row["tests"]), least=LEAST[row["measure"]])
    # With one group the figure alone does not ask for its p; the verdict does.
    upheld = row["verdict"] != "unclear"
    words = {"label": row["label"], "n": int(row["questions"])}
    return line(texts(), "gain", figure, wording.decimals(), upheld=upheld, **words)


def _of_one(trace: Trace) -> list[Block]:
    found = vote_block(trace, "brief"), flow_block(trace, "brief")
    return [block._replace(title=paired(side_label(trace.unit), block.title)) for block in found if block is not None]


def _paper(numbers: pd.DataFrame) -> pd.DataFrame:
    """``numbers`` without the Jensen-Shannon columns, for lack of room; the sentence above has them already."""
    return numbers.drop(columns=[t("numbers.jsd"), t("numbers.jsd_uniform"), t("numbers.jsd_others")])
