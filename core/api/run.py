"""Runs of audits: making, running, resuming and scoring them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from core.api.place import store
from core.audits import AUDITS
from core.audits.base import Spec
from core.errors import InputError, ProviderError, said
from core.providers import get_provider
from core.runs import Estimate, RunProgress, create_run, estimate, parse_spec, run_audit, stages_of
from core.runs.background import first_error
from core.runs.bank import load_bank
from core.runs.fetch import fetch_now
from core.runs.stages import models_of
from core.store import Cap, RunInfo


class Run:
    """A run of an audit in the store. :func:`run` and :func:`open_run` return one."""

    def __init__(self, run_id: str) -> None:
        self.id = store().info(run_id).run_id

    @property
    def info(self) -> RunInfo:
        """The run.json as it is now: spec, revisions, versions, counts, cost, and why the run stopped."""
        store().refresh()
        return store().info(self.id)

    @property
    def status(self) -> str:
        """``planned``, ``running``, ``done``, ``cancelled`` or ``failed``.

        A run that was stopped by the user or by its cap is ``cancelled`` and can be resumed.
        """
        return self.info.status

    def estimate(self) -> Estimate:
        """What asking the rest would take: cells, cached, prompts, seconds and cost_usd.

        Seconds and cost are computed from earlier answers of the same models, and are ``None`` where there are none.

        >>> import core as px
        >>> spec = px.audits.Alignment(models=["mock"], questions=["Q57"], text_check=False)
        >>> px.run(spec, start=False).estimate().cells
        2
        """
        return estimate(store(), self.info.kind, self._spec(), load_bank())

    def resume(self, cap: Cap | None = None, on_progress: Callable[[RunProgress], None] | None = None) -> Run:
        """Ask the cells that the run has no answer to yet, and wait; a ``cap`` that is given replaces the run's own.

        Weights are fetched where they are needed. ``on_progress`` is called as answers come. Raises
        :class:`InputError` where the run is shipped, is being written by another process, or was begun with another
        version of a model, and :class:`ProviderError` where nothing at all could be asked.

        >>> import core as px
        >>> run = px.run(px.audits.Alignment(models=["mock"], questions=["Q57"]), start=False)
        >>> run.status, run.resume().status
        ('planned', 'done')
        """
        if cap is not None:
            store().update(self.id, cap=cap)
        bank = load_bank()
        fetch_now(models_of(stages_of(self.info, bank)).values())
        ended = run_audit(store(), self.id, bank, get_provider, on_progress=on_progress)
        if ended.status == "failed":
            raise ProviderError(said("run_failed"), said("hint_first_error", words=first_error(store(), self.id)))
        return self

    def frame(self) -> pd.DataFrame:
        """All stored rows, one a cell and sample. A cell that failed has the ``outcome`` ``error``.

        Raises :class:`InputError` for a run so large that it is open through its aggregate; :meth:`scores` does too.

        >>> import core as px
        >>> run = px.run(px.audits.Alignment(models=["mock"], questions=["Q57"], text_check=False))
        >>> sorted(run.frame()["outcome"].unique())
        ['option']
        """
        store().refresh()
        return store().responses([self.id])

    def scores(self) -> dict[str, pd.DataFrame]:
        """The frames that the audit computes from the answers, by name. Its page draws the same frames.

        >>> import core as px
        >>> spec = px.audits.Alignment(models=["mock"], questions=["Q57", "Q64"], personas=["CHN"])
        >>> px.run(spec).scores()["matrix"][["model_id", "country", "asked", "questions"]].values.tolist()
        [['mock', 'CHN', 'country', 2], ['mock', 'CHN', 'none', 2]]
        """
        kind = self.info.kind
        if kind not in AUDITS:
            raise InputError(said("no_audit_run", run=self.id))
        ids = list(self.frame()["cell_id"].unique())
        return AUDITS[kind]().scores(store().rows(self.id, ids), load_bank())

    def _spec(self) -> Spec:
        info = self.info
        if info.kind not in AUDITS:
            raise InputError(said("no_audit_run", run=self.id))
        return parse_spec(info.kind, info.spec)

    def __repr__(self) -> str:
        info = self.info
        counts = f"{info.counts.get('answers', 0)} of {info.counts.get('planned', 0)} cells"
        return f"Run {self.id}: {info.kind}, {info.status}, {counts}{f'. {info.stopped}' if info.stopped else ''}"


def run(
    spec: Spec,
    *,
    cap: Cap = Cap(),  # noqa: B008 - it is frozen
    title: str = "",
    note: str = "",
    run_id: str | None = None,
    fresh: bool = False,
    start: bool = True,
    on_progress: Callable[[RunProgress], None] | None = None,
) -> Run:
    """Make and run an audit: ``spec`` is one of :mod:`core.audits`, such as ``px.audits.Alignment(...)``.

    The run stops when it reaches ``cap``; ``resume`` with a higher cap goes on. ``start=False`` asks nothing yet, so
    that ``estimate`` can be read first. A ``fresh`` run asks everything again, as a wave of its own. All answers are
    stored, also those of a run that is interrupted. Raises as :func:`core.runs.create_run` and :meth:`Run.resume`.

    >>> import core as px
    >>> spec = px.audits.Alignment(models=["mock"], questions=["Q57"], personas=["CHN"])
    >>> px.run(spec, cap=px.Cap(dollars=2), title="A first look").status
    'done'
    """
    made = Run(create_run(store(), audit_of(spec), spec, load_bank(), title, note, run_id=run_id, fresh=fresh, cap=cap))
    return made.resume(on_progress=on_progress) if start else made


def audit_of(spec: Spec) -> str:
    """The name of the audit that ``spec`` belongs to. Raises :class:`InputError` where it belongs to none."""
    for name in AUDITS:
        if AUDITS[name]().Spec is type(spec):
            return name
    raise InputError(said("no_audit_spec", kind=type(spec).__name__))


def open_run(run_id: str) -> Run:
    """A run that is in the store, a shipped one included. Raises :class:`InputError` where there is none.

    >>> import core as px
    >>> px.open_run("demo-edc-wave-1").status
    'done'
    """
    store().refresh()
    return Run(run_id)


def known_runs() -> pd.DataFrame:
    """One row a run of the store, newest first, indexed by id: kind, title, status, created, rows, errors, shipped.

    >>> import core as px
    >>> bool(px.known_runs().loc["demo-edc-wave-1", "shipped"])
    True
    """
    store().refresh()
    columns = ["kind", "title", "status", "created", "rows", "errors", "shipped"]
    return store().runs().set_index("run_id")[columns]
