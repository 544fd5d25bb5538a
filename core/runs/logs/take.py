"""From the file of a log to a run: its entries as rows of a new folder, and the account of all that was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from core.errors import InputError, said
from core.runs.logs.account import LeftOut, LogAccount
from core.runs.logs.entries import Entry, Left
from core.runs.logs.read import LogSource, read_source
from core.runs.logs.rows import RowMaker
from core.runs.record import MOST_TEXT, new_info, new_run_id
from core.store import Store
from core.store.files.kinds import IMPORTED_LOG
from core.types import Frozen, Model, Question, Response

_A_SHARD = 20_000
_LONGEST_FILE_NAME = 200


class LogImport(Frozen):
    """The run that was made, and the account of the log."""

    run_id: str
    account: LogAccount


def import_log(
    store: Store,
    source: LogSource,
    questions: Mapping[str, Question],
    models: Mapping[str, Model],
    title: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> LogImport:
    """Make a run of the log ``source``. Its questions are those of ``questions`` where stem and options are theirs.

    Raises :class:`InputError` that says what is missing (the form is unknown, nobody says which model answered, the
    requests of a batch, inspect-ai) or that nothing could be used and why, and :class:`DataError` where the file cannot
    be read or the run cannot be written. Nothing is kept then.
    """
    form, found = read_source(source)
    maker = RowMaker(form, questions, models)
    rows: list[Response] = []
    left: list[Left] = []
    for one in found:
        made = maker.row(one) if isinstance(one, Entry) else one
        if isinstance(made, Left):
            left.append(made)
        else:
            rows.append(made)
    account = LogAccount(
        file=source.shown[:_LONGEST_FILE_NAME],
        form=form,
        read=len(rows) + len(left),
        answers=len(rows),
        probabilities=sum(row.kind == "options" for row in rows),
        texts=sum(row.kind == "text" for row in rows),
        questions=len({(row.question_key, row.question_json) for row in rows}),
        known=len({row.question_key for row in rows if row.survey}),
        models=tuple(sorted({row.model_id for row in rows})),
        left_out=_left_out(left),
    )
    if not rows:
        why = account.left_out[0].words() if left else said("log_empty")
        raise InputError(said("log_nothing", file=account.file, why=why))
    return LogImport(run_id=_keep(store, rows, account, title or account.file, now()), account=account)


def _left_out(left: Sequence[Left]) -> tuple[LeftOut, ...]:
    """By reason, the most frequent first, with where the first of each stands."""
    first = {one.reason: one.where for one in reversed(left)}
    counts = Counter(one.reason for one in left)
    return tuple(LeftOut(reason=reason, n=n, example=first[reason]) for reason, n in counts.most_common())


def _keep(store: Store, rows: Sequence[Response], account: LogAccount, title: str, now: datetime) -> str:
    info = new_info(
        IMPORTED_LOG,
        new_run_id(IMPORTED_LOG, now),
        now,
        "running",
        title=title[: MOST_TEXT["title"]],
        spec={"account": account.model_dump(mode="json")},
        models=dict.fromkeys(account.models),
        prompts={row.prompt_version: row.prompt_version for row in rows},
        counts={"answers": account.answers, "left_out": account.read - account.answers},
    )
    folder = store.create(info)
    try:
        with folder:
            for start in range(0, len(rows), _A_SHARD):
                part = rows[start : start + _A_SHARD]
                folder.append([row.model_copy(update={"run_id": info.run_id}) for row in part])
            folder.update(status="done", finished=now)
    except BaseException:
        store.delete(info.run_id)
        raise
    store.refresh()
    return info.run_id
