"""Asks cells: looks up known answers, asks providers for the rest in batches, and stores every row.

Every answer is stored before the next batch is asked. A failure becomes a row too, so that it stops no other model.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from core.cancel import CancelToken, check_cancel
from core.errors import Cancelled, DataError, ParallaxError, ProviderError, said
from core.providers.base import Provider
from core.providers.permitted import check_model
from core.providers.served import may_have_changed, reusable
from core.runs.about_answers import FIRST, all_beside
from core.runs.batches import batches, persona_by_persona
from core.runs.concurrent import run_concurrently
from core.runs.kept import Kept
from core.runs.prompt_length import check_prompt_length
from core.runs.results import Keeper, Result
from core.runs.rows import Work, answered, asked_as, copied, failed, prepare, unprepared
from core.runs.single_flight import SingleFlight
from core.text import whole
from core.types import Cell, OptionAnswer, OptionRequest, Response, TextAnswer, TextRequest

__all__ = ["Keeper", "Result", "Runner", "check_prompt_length"]

OnResults = Callable[[list["Result"]], None]
OnText = Callable[[Cell, str], None]

log = logging.getLogger(__name__)
_IN_FLIGHT = SingleFlight()


class _How(NamedTuple):
    """Who is asked, and how.

    ``trial`` marks the first of many readings. ``ask_first`` means that the endpoint was asked once before any known
    answer is used; ``served`` is the name of the model that answered then.
    """

    provider: Provider
    revision: str | None
    fresh: bool
    copy: bool
    cancel: CancelToken | None
    on_text: OnText | None
    ask_first: bool = False
    trial: bool = False
    served: str | None = None


class Runner:
    """Asks cells and stores the answers with its keeper. ``trial`` tries a few readings of an endpoint first."""

    def __init__(self, keeper: Keeper, provider_of: Callable[[str], Provider], trial: bool = True) -> None:
        self._trial = trial
        self._keeper = keeper
        self._provider_of = provider_of
        self._one_keeps = threading.Lock()
        self._revisions: dict[str, str | None] = {}
        self.storage_error: DataError | None = None
        """Why answers could not be written to disk, if they could not; they are handed out all the same."""

    def run(
        self,
        cells: Sequence[Cell],
        *,
        fresh: bool = False,
        copy: bool = False,
        cancel: CancelToken | None = None,
        on_results: OnResults | None = None,
        on_text: OnText | None = None,
    ) -> list[Result]:
        """Ask ``cells`` and return their results in order of completion.

        ``fresh`` asks again what is known. ``copy`` stores known answers too, as rows of this run, so that the run is
        complete without others. Two runners of one process never ask the same thing at once. A model that cannot be
        asked at all gives error rows for its cells, and a cell that cannot be prepared gives one error row; neither
        stops the other cells. Raises :class:`Cancelled` when stopped; what was measured before is stored.
        """
        results: list[Result] = []
        for _, same_model in groupby(cells, key=lambda cell: cell.model.id):
            asked = list(same_model)
            how = _How(self._provider_of(asked[0].model.provider), None, fresh, copy, cancel, on_text)
            # Closed at once where ``on_results`` raises, so that batches under way are waited for and stored.
            with closing(self._ask_model(asked, how)) as chunks:
                for chunk in chunks:
                    results.extend(chunk)
                    if on_results and chunk:
                        on_results(chunk)
        return results

    def _ask_model(self, cells: list[Cell], how: _How) -> Generator[list[Result], None, None]:
        model = cells[0].model
        try:
            check_model(model)
            revision = how.provider.revision(model)
        except ProviderError as error:
            yield self._give_up(cells, None, error)
            return
        how = how._replace(revision=revision)
        self._revisions.pop(model.id, None)
        if may_have_changed(model) and not how.fresh:
            # Asked even where the answer is known: only a new answer tells which model is behind the name today.
            first, met = self._answer_whole_chunk(cells[:1], how._replace(fresh=True))
            yield first
            cells = cells[1:]
            if met:
                yield self._give_up(cells, revision, met)
                return
            told = [one.response.served_model for one in first if one.response.outcome != "error"]
            how = how._replace(ask_first=True, served=told[0] if told else None)
        size = how.provider.batch_size(model)
        several = how.provider.batches_at_once > 1
        if several and self._trial and model.capabilities.method == "top_k" and len(cells) > FIRST:
            # The first few show whether readings measure the answer at all; if not, nothing is spent on the rest.
            first, met = self._answer_whole_chunk(cells[:FIRST], how._replace(trial=True))
            yield first
            cells = cells[FIRST:]
            if met:
                yield self._give_up(cells, revision, met)
                return
        # A provider that takes one batch at a time computes on this computer and computes what its prompts share once;
        # for others the order makes no difference.
        chunks = batches(cells if several else persona_by_persona(cells, size), size)
        hopeless: ProviderError | None = None
        if not several:
            while not hopeless and (chunk := next(chunks, None)):
                hopeless = yield from self._answer_chunk(chunk, how)
        else:
            steps = run_concurrently(
                chunks,
                lambda chunk: self._answer_whole_chunk(chunk, how),
                how.provider.batches_at_once,
                lambda told: bool(told[1]),
            )
            with closing(steps) as finished:
                for results, met in finished:
                    hopeless = hopeless or met
                    yield results
        if hopeless and (rest := [cell for chunk in chunks for cell in chunk]):
            yield self._give_up(rest, revision, hopeless)

    def _give_up(self, cells: list[Cell], revision: str | None, error: ProviderError) -> list[Result]:
        """Store an error row for each of ``cells``, all of which would meet ``error``."""
        work, unready = self._ready(cells, revision)
        return [*unready, *self._keep_failures(work, error)]

    def _ready(self, cells: list[Cell], revision: str | None) -> tuple[list[Work], list[Result]]:
        """The prepared cells, and the stored error results of those that cannot be prepared."""
        work: list[Work] = []
        unready: list[tuple[Cell, Response, ParallaxError | None]] = []
        for cell in cells:
            try:
                work.append(prepare(cell, revision))
            except ParallaxError as error:
                unready.append((cell, unprepared(cell, revision, error), error))
            except Exception as error:
                # Surveys and audits may be plug-ins. What one of their cells raises must not stop the others.
                log.exception("a cell could not be made ready")
                told = ParallaxError(said("cell_unready", kind=type(error).__name__, reason=error))
                unready.append((cell, unprepared(cell, revision, told), told))
        return work, self._keep(unready)

    def _answer_chunk(self, chunk: list[Cell], how: _How) -> Generator[list[Result], None, ProviderError | None]:
        """One batch, known answers first. Returns the error that every later batch would meet too, or ``None``."""
        model = chunk[0].model.id
        how = how._replace(revision=self._revisions.get(model, how.revision))
        work, unready = self._ready(chunk, how.revision)
        if unready:
            yield unready
        while work:
            check_cancel(how.cancel)
            try:
                if how.fresh:
                    results, work = self._ask(work, how), []
                else:
                    results, work = self._step(work, how)
            except ProviderError as error:
                yield self._keep_failures(work, error)
                return error
            yield results
            new = [one.response for one in results if not one.cached]
            if (revision := asked_as(new, how.revision)) != how.revision:
                # The endpoint turned out to need settings. Answers to the rest are known under these, if at all.
                self._revisions[model] = revision
                how = how._replace(revision=revision)
                work, _ = self._ready([item.cell for item in work], revision)
        return None

    def _answer_whole_chunk(self, chunk: list[Cell], how: _How) -> tuple[list[Result], ProviderError | None]:
        """All results of :meth:`_answer_chunk`, and what it returns."""
        results: list[Result] = []
        steps = self._answer_chunk(chunk, how)
        while True:
            try:
                results += next(steps)
            except StopIteration as end:
                return results, end.value

    def _step(self, work: list[Work], how: _How) -> tuple[list[Result], list[Work]]:
        """The results of the known part of ``work``, else of a part that no other thread asks; and the rest of the
        work.
        """
        with _IN_FLIGHT.claim((item.key for item in work), how.cancel) as mine:
            turn = [item for item in work if item.key in mine]
            with self._one_keeps:
                known = self._keeper.lookup([item.key for item in turn])
            if how.ask_first:
                model, now = work[0].cell.model, datetime.now(UTC)
                known = {key: row for key, row in known.items() if reusable(row, model, how.served, now)}
            finished = [item for item in turn if item.key in known]
            if finished:
                results = self._known(finished, known, how.copy)
            else:
                # Of cells with the same prompt one is asked; the others find its answer in the next step.
                finished = list({item.key: item for item in reversed(turn)}.values())[::-1]
                results = self._ask(finished, how)
        done = {id(item) for item in finished}
        return results, [item for item in work if id(item) not in done]

    def _known(self, work: list[Work], known: dict[str, Response], copy: bool) -> list[Result]:
        if copy:
            return self._keep([(item.cell, copied(item, known[item.key]), None) for item in work], cached=True)
        return [Result(cell=item.cell, response=known[item.key], cached=True) for item in work]

    def _ask(self, work: list[Work], how: _How) -> list[Result]:
        def grow(position: int, text: str) -> None:
            if how.on_text:
                how.on_text(work[position].cell, whole(text))

        each: Kept[OptionAnswer | TextAnswer | ProviderError, Result] = Kept(
            lambda places: self._keep_answers([work[at] for at in places], list(places.values()))
        )
        more = {"on_answer": each.take} if getattr(how.provider, "tells_each", False) and not how.trial else {}
        answers: Sequence[OptionAnswer | TextAnswer | ProviderError]
        try:
            if isinstance(work[0].request, OptionRequest):
                requests = [item.request for item in work if isinstance(item.request, OptionRequest)]
                answers = how.provider.option_distribution(requests, how.cancel, **more)
            else:
                texts = [item.request for item in work if isinstance(item.request, TextRequest)]
                answers = how.provider.generate(texts, grow, how.cancel, **more)
        except Cancelled:
            each.keep()
            raise
        if how.trial and (beside := all_beside(answers)) is not None:
            raise beside
        return each.rest(answers)

    def _keep_answers(
        self, work: list[Work], answers: Sequence[OptionAnswer | TextAnswer | ProviderError]
    ) -> list[Result]:
        made = [(item, answered(item, answer), answer) for item, answer in zip(work, answers, strict=True)]
        return self._keep(
            [
                (item.cell, row, answer if isinstance(answer, ProviderError) else None)
                for item, row, answer in made
                if row
            ]
        )

    def _keep_failures(self, work: list[Work], error: ProviderError) -> list[Result]:
        return self._keep([(item.cell, failed(item, error), error) for item in work])

    def _keep(self, made: list[tuple[Cell, Response, ParallaxError | None]], cached: bool = False) -> list[Result]:
        if not made:
            return []
        rows = [row for _, row, _ in made]
        try:
            with self._one_keeps:
                rows = self._keeper.append(rows)
        except DataError as error:
            self.storage_error = error
        return [
            Result(cell=cell, response=row, cached=cached, problem=error and error.anew())
            for (cell, _, error), row in zip(made, rows, strict=True)
        ]
