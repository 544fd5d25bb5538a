"""The trace page as a brief."""

from collections.abc import Iterable

import pandas as pd

from core.audits.traces.faithfulness import Effect
from core.audits.traces.types import Trace
from core.brief import Brief, plain_lines, run_sources, table_of
from pages.parts.shared import resources
from pages.parts.shared.brief_words import limits
from pages.parts.shared.chart_block import Block
from pages.parts.shared.texts import paired, t
from pages.parts.traces.faith import faith_block
from pages.parts.traces.final import distances_words, finding, flow_block, numbers_of, vote_block
from pages.parts.traces.pick import side_label


def trace_brief(traces: list[Trace], found: list[Effect], gain: Block | None, runs: Iterable[str]) -> Brief:
    """The answers of ``traces`` with their flow of weight, the interventions ``found``, and what the stages gain."""
    sentences = [paired(side_label(trace.unit), finding(trace)) for trace in traces]
    blocks = [block for trace in traces for block in _of_one(trace)]
    tables = []
    for trace in traces:
        numbers = numbers_of(trace)
        if len(numbers):
            sentences.append(distances_words(numbers))
            tables.append(table_of(_paper(numbers), side_label(trace.unit)))
    if found:
        block = faith_block(found)
        sentences.append(block.title)
        blocks.append(block)
        tables.append(table_of(block.frame, t("traces.faith_title")))
    if gain is not None:
        sentences.append(gain.title)
        blocks.append(gain)
    return Brief(
        title=t("traces.title"),
        finding=tuple(sentences),
        figures=tuple(block.figure() for block in blocks),
        tables=tuple(tables),
        method=plain_lines(t("traces.how")),
        limits=(t("traces.warning"), *limits("traces")),
        data=(t("answers.source"),),
        runs=run_sources(resources.store(), runs),
    )


def _of_one(trace: Trace) -> list[Block]:
    found = vote_block(trace, "brief"), flow_block(trace, "brief")
    return [block._replace(title=paired(side_label(trace.unit), block.title)) for block in found if block is not None]


def _paper(numbers: pd.DataFrame) -> pd.DataFrame:
    """Without the Jensen-Shannon columns, which the sentence above has already, for want of room."""
    return numbers.drop(columns=[t("numbers.jsd"), t("numbers.jsd_uniform"), t("numbers.jsd_others")])
