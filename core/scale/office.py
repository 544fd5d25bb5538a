"""Hands portions to workers, takes their reports, and asks again what lost workers leave open."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.cancel import CancelToken, check_cancel
from core.errors import CapReached, DataError, ParallaxError, ProviderError, Unreachable, said
from core.runs.cap import Spent
from core.runs.counts import Counts
from core.runs.rows import failed, prepare, unprepared
from core.scale.cluster import beside_the_driver
from core.scale.crew import Crew, Member, computes, environment
from core.scale.ledger import Ledger
from core.scale.limits import Limits
from core.scale.portions import Portion
from core.scale.report import Report
from core.scale.shelf import Shelf
from core.settings import settings
from core.store import RunFolder
from core.store.files.shards import read_shard
from core.store.files.worker_shards import delete_halves, parts_of
from core.types import Cell, Model, Response

_POLL_S = 0.5
_MOST_LOST = 3
"""Workers that a portion may take with it before it is asked in halves."""
_NO_WORKER_S = 180.0
"""Longest wait for any worker to begin."""

Usable = Callable[[Response], bool]


class Office:
    """The driver's side of Ray: the crews, and the actors that all workers share."""

    def __init__(self, ray: Any, folder: RunFolder, cancel: CancelToken | None) -> None:
        self._ray, self._folder, self._cancel = ray, folder, cancel
        self._crews: dict[bool, Crew] = {}
        self._limits: Any = None
        # It only reads, so Ray may begin it again and ask it again.
        shelf = ray.remote(Shelf).options(**beside_the_driver(ray), max_restarts=3, max_task_retries=3)
        self._shelf: Any = shelf.remote(folder.path.parent, folder.path.name, environment())
        self._batch: dict[str, int] = {}
        self._fresh = False
        self._lost_in_a_row = 0
        self.ledger = Ledger(folder)

    def open(self, models: Mapping[str, Model], fresh: bool) -> None:
        """Begin the workers that ``models`` need."""
        self._fresh = fresh
        kinds = {computes(model) for model in models.values()}
        known = self._shelf if not fresh and self._read(self._shelf.has_others.remote()) else None
        if False in kinds:
            now = settings()
            made = self._ray.remote(Limits).options(**beside_the_driver(self._ray), max_concurrency=1000)
            self._limits = made.remote(now.max_in_flight, now.request_timeout_s)
        for kind in kinds:
            self._crews[kind] = Crew(self._ray, self._folder.path, kind, self._limits, known)
            self._crews[kind].start()

    def revisions(self, models: Mapping[str, Model]) -> dict[str, str | None]:
        """The versions of the models that would answer, asked where they compute; also learns the sizes of batches.

        A model that cannot be reached is left out and gives error rows.
        """
        found: dict[str, str | None] = {}
        for kind, crew in self._crews.items():
            asked = [model for model in models.values() if computes(model) == kind]
            for model, (reached, revision, batch) in zip(asked, self._meet(crew, asked), strict=True):
                self._batch[model.id] = batch
                if reached:
                    found[model.id] = revision
        return found

    def workers(self, model: Model) -> int:
        """How many workers ask ``model``."""
        return self._crews[computes(model)].size.workers

    def batch(self, model: Model) -> int:
        """How many requests a batch of ``model`` has."""
        return self._batch[model.id]

    def stored_revisions(self, made: frozenset[str]) -> list[tuple[str, str | None]]:
        """Model and revision of the answers that the run has."""
        found: list[tuple[str, str | None]] = self._read(self._shelf.stored_revisions.remote(sorted(made)))
        return found

    def answers(self, cell_ids: list[str]) -> dict[str, Response]:
        """The answers that the run has to these cells, by cell id."""
        rows: list[Response] = self._read(self._shelf.answers.remote(cell_ids)) if cell_ids else []
        return {row.cell_id: row for row in rows}

    def spent(self) -> Spent:
        """What the run has used until now."""
        found: Spent = self._read(self._shelf.spent.remote())
        return found

    def counts(self, made: frozenset[str]) -> Counts:
        """What the run has."""
        found: Counts = self._read(self._shelf.counts.remote(sorted(made)))
        return found

    def ask(
        self,
        portions: Iterator[Portion],
        usable: Usable | None,
        want_answers: bool,
        on_report: Callable[[Report], CapReached | None],
    ) -> None:
        """Ask all of ``portions`` and commit what workers write. ``on_report`` may return why to stop.

        Raises :class:`~core.errors.Cancelled` once what was under way is stored, and what cannot be helped.
        """
        again: deque[Portion] = deque()
        stop: CapReached | None = None
        stopping = ended = False
        heard = time.monotonic()
        while True:
            if not stopping and (stop or (self._cancel is not None and self._cancel.is_set())):
                stopping = True
                for crew in self._crews.values():
                    crew.stop()
            while not stopping and not (ended and not again):
                portion = again.popleft() if again else next(portions, None)
                if portion is None:
                    ended = True
                elif not self._hand_over(portion, usable, want_answers):
                    again.appendleft(portion)
                    break
            doing = any(one.doing for crew in self._crews.values() for one in crew.members.values())
            if not doing and (stopping or (ended and not again)):
                break
            if doing:
                heard = time.monotonic()
            elif time.monotonic() - heard > _NO_WORKER_S:
                raise Unreachable(said("no_worker", n=int(_NO_WORKER_S)))
            for report in self._heard(again, usable):
                stop = on_report(report) or stop
            self.ledger.commit_now_and_then()
        self.ledger.commit()
        if stop is not None:
            raise stop
        check_cancel(self._cancel)

    def end_workers(self) -> None:
        """End all workers; what they wrote is kept."""
        for crew in self._crews.values():
            crew.end()

    def end(self) -> None:
        """End the actors that workers shared."""
        for actor in (self._limits, self._shelf):
            if actor is not None:
                self._ray.kill(actor)

    def _read(self, ref: Any) -> Any:
        """What the shelf answers. Raises what it raised, and :class:`Unreachable` where it cannot be had again."""
        try:
            return self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as error:
            # Ray wraps what the shelf's own code raised; its process lives.
            if isinstance(error.cause, ParallaxError):
                raise error.cause.anew() from error
            raise
        except self._ray.exceptions.RayError as error:
            raise Unreachable(said("shelf_lost", reason=_in_short(error))) from error

    def _meet(self, crew: Crew, models: list[Model]) -> list[tuple[bool, str | None, int]]:
        begun = time.monotonic()
        while time.monotonic() - begun < _NO_WORKER_S:
            check_cancel(self._cancel)
            self._wait_for_beginnings(crew)
            member = crew.free()
            if member is None:
                continue
            try:
                found: list[tuple[bool, str | None, int]] = self._ray.get(member.actor.meet.remote(models))
                return found
            except self._ray.exceptions.RayError as error:
                self._note_loss(error)
                crew.replace(member)
        raise Unreachable(said("no_worker", n=int(_NO_WORKER_S)))

    def _wait_for_beginnings(self, crew: Crew) -> None:
        begun = [ref for ref, one in crew.members.items() if not one.ready]
        if begun:
            timeout = _POLL_S if crew.free() is None else 0
            for ref in self._ray.wait(begun, num_returns=1, timeout=timeout)[0]:
                self._has_begun(crew, crew.members[ref], ref)

    def _has_begun(self, crew: Crew, member: Member, ref: Any) -> None:
        try:
            self._ray.get(ref)
            member.ready = True
        except self._ray.exceptions.RayError as error:
            self._note_loss(error)
            crew.replace(member)

    def _hand_over(self, portion: Portion, usable: Usable | None, want_answers: bool) -> bool:
        member = self._crews[computes(portion.cells[0].model)].free()
        if member is None:
            return False
        number = self._folder.next_number()
        ref = member.actor.ask.remote(number, portion.cells, self._fresh, usable, want_answers)
        member.doing[ref] = (number, portion)
        return True

    def _heard(self, again: deque[Portion], usable: Usable | None) -> list[Report]:
        """The reports that came within a moment; portions of lost workers go back to ``again``."""
        waiting = [ref for crew in self._crews.values() for ref in crew.waiting()]
        if not waiting:
            time.sleep(_POLL_S)
            return []
        self._ray.wait(waiting, num_returns=1, timeout=_POLL_S)
        done, _ = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)
        reports: list[Report] = []
        for ref in done:
            found = next(((crew, one) for crew in self._crews.values() if (one := crew.of(ref)) is not None), None)
            if found is None:
                continue  # its worker was found to be lost a moment ago
            crew, member = found
            if ref in crew.members:
                self._has_begun(crew, member, ref)
                continue
            try:
                report: Report = self._ray.get(ref)
            except self._ray.exceptions.RayError as error:
                reports += self._recover(crew, member, error, again)
                continue
            del member.doing[ref]
            self._lost_in_a_row = 0
            self.ledger.take(report)
            reports.append(report)
        return reports

    def _recover(self, crew: Crew, member: Member, error: Exception, again: deque[Portion]) -> list[Report]:
        """Commit what a lost worker wrote, begin another, and put the rest of its portions back."""
        self._note_loss(error)
        crew.replace(member)
        if self._limits is not None:
            self._limits.forget.remote(member.name)
        reports = []
        for place, (number, portion) in enumerate(sorted(member.doing.values(), key=lambda one: one[0])):
            report, done = self._left_by(number)
            self.ledger.take(report)
            reports.append(report)
            rest = portion.without(done)
            if rest is None:
                continue
            # It was at work on the first; the others only waited.
            rest.lost += place == 0
            if place or rest.lost < _MOST_LOST:
                again.append(rest)
            elif len(rest.cells) > 1:
                again.extend(rest.halves())
            else:
                self._folder.append([self._gone(rest.cells[0], error)])
                report.counts.update(fresh=1, errors=1)
        return reports

    def _left_by(self, number: int) -> tuple[Report, set[tuple[str, int]]]:
        report, done = Report(), set[tuple[str, int]]()
        for name in parts_of(self._folder.path, number):
            try:
                table, entry = read_shard(self._folder.path / str(name), light=True)
            except DataError:
                continue  # never whole; nobody lists it
            report.written[str(name)] = entry
            done.update(zip(table["cell_id"].to_pylist(), table["sample"].to_pylist(), strict=True))
            report.count_table(table)
        delete_halves(self._folder.path, number)
        return report, done

    def _gone(self, cell: Cell, error: Exception) -> Response:
        told = ProviderError(said("worker_lost", reason=_in_short(error)))
        revision = self._folder.info.models.get(cell.model.id)
        try:
            row = failed(prepare(cell, revision), told)
        except Exception:  # noqa: BLE001 - a plug-in's cell may raise anything; the row says what happened
            row = unprepared(cell, revision, told)
        return row.model_copy(update={"run_id": self._folder.info.run_id})

    def _note_loss(self, error: Exception) -> None:
        self._lost_in_a_row += 1
        workers = sum(crew.size.workers for crew in self._crews.values())
        if self._lost_in_a_row > 20 + 3 * workers:
            raise Unreachable(said("workers_lost", n=self._lost_in_a_row, reason=_in_short(error)))


def _in_short(error: Exception) -> str:
    """The last line of what Ray says of a lost worker, which names the error; the lines before are a traceback."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:300]
