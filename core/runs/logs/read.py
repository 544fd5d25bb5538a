"""Which form a log has, and its entries one after the other."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from core.errors import DataError, InputError, said
from core.runs.logs.account import LogForm
from core.runs.logs.entries import Entry, Left
from core.runs.logs.inspect_log import read_log, samples
from core.runs.logs.lm_eval import Samples, is_sample, model_beside
from core.runs.logs.openai_batch import Results, is_request, is_result
from core.types import Frozen

MOST_BYTES = 512 * 2**20
"""Bytes of a log, above which it is not read."""
_LONGEST_LINE = 16 * 2**20

Found = Iterator[Entry | Left]


class LogSource(Frozen):
    """A log that was handed over. ``requests`` is the file that an OpenAI batch was made from.

    ``model`` says who answered where the log does not; ``name`` is what the file is called, where ``path`` is a copy.
    """

    path: Path
    name: str = ""
    requests: Path | None = None
    model: str = ""

    @property
    def shown(self) -> str:
        """The name of the file for readers."""
        return self.name or self.path.name


def read_source(source: LogSource) -> tuple[LogForm, Found]:
    """The form of ``source`` and its entries. Raises what :func:`~core.runs.logs.import_log` raises."""
    _check_size(source.path, source.shown)
    name = source.shown.lower()
    if name.endswith(".eval") or (name.endswith(".json") and _is_inspect(source.path)):
        return "inspect", samples(read_log(source.path, source.shown), source.model)
    with closing(_lines(source.path, source.shown)) as lines:
        first = next((doc for _, doc in lines if doc is not None), None)
    if first is None:
        raise InputError(said("log_form", file=source.shown))
    if is_sample(first):
        model = source.model or model_beside(source.path)
        if not model:
            raise InputError(said("log_no_model", file=source.shown))
        return "lm_eval", _each(source, Samples(model))
    if is_result(first):
        if source.requests is None:
            raise InputError(said("log_no_requests", file=source.shown))
        return "openai_batch", _each(source, Results(_requests(source.requests), source.model))
    if is_request(first):
        raise InputError(said("log_only_requests", file=source.shown))
    raise InputError(said("log_form", file=source.shown))


def _each(source: LogSource, reader: Samples | Results) -> Found:
    for number, doc in _lines(source.path, source.shown):
        if doc is None:
            yield Left(reason="not_json", where=str(number))
        else:
            yield from reader.read(doc, str(number))


def _requests(path: Path) -> dict[str, dict[str, Any]]:
    _check_size(path, path.name)
    docs = (doc for _, doc in _lines(path, path.name) if doc is not None and is_request(doc))
    found = {str(doc["custom_id"]): doc["body"] for doc in docs}
    if not found:
        raise InputError(said("log_requests_form", file=path.name))
    return found


def _lines(path: Path, name: str) -> Generator[tuple[int, dict[str, Any] | None], None, None]:
    """The objects of a file of JSON lines, or of one JSON list, by number; ``None`` for what is no object."""
    try:
        with path.open("rb") as file:
            start = file.read(4).lstrip(b"\xef\xbb\xbf \r\n\t")
            file.seek(0)
            if start.startswith(b"["):
                whole = _parsed(file.read())
                yield from enumerate(map(_object, whole) if isinstance(whole, list) else [None], start=1)
                return
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), start=1):
                if line.strip():
                    yield number, _object(_parsed(line))
    except OSError as error:
        raise DataError(said("log_unreadable", file=name, reason=error.strerror or error)) from error


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _is_inspect(path: Path) -> bool:
    """Whether a JSON file is one log of Inspect, which is one object of many lines or of one."""
    try:
        doc = _parsed(path.read_bytes())
    except OSError as error:
        raise DataError(said("log_unreadable", file=path.name, reason=error.strerror or error)) from error
    return isinstance(doc, dict) and isinstance(doc.get("eval"), dict) and "version" in doc


def _check_size(path: Path, name: str) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(said("log_unreadable", file=name, reason=error.strerror or error)) from error
    if size > MOST_BYTES:
        raise InputError(said("log_large", file=name, most=MOST_BYTES // 2**20))
