"""Logs of Inspect (``.eval`` and its JSON form), read by inspect-ai itself, which has to be installed for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import DataError, InputError, said
from core.runs.logs.chat import asked, first_token, text_of, turns
from core.runs.logs.entries import Entry, Left, letters

REQUIREMENT = "inspect-ai"


def read_log(path: Path, name: str) -> Mapping[str, Any]:
    """The log at ``path``, which readers know as ``name``, as plain data, in the form of inspect-ai's ``EvalLog``.

    Raises :class:`InputError` that says what to install where inspect-ai is missing, and :class:`DataError` where its
    reader cannot read the file.
    """
    try:
        from inspect_ai.log import read_eval_log
    except ImportError as error:
        raise InputError(said("log_needs_inspect", file=name, package=REQUIREMENT)) from error
    try:
        log = read_eval_log(str(path), resolve_attachments=True)
        plain: Mapping[str, Any] = log.model_dump(mode="json", exclude={"samples": {"__all__": {"events"}}})
        return plain
    except Exception as error:  # whatever their reader raises of a damaged file
        raise DataError(said("log_unreadable", file=name, reason=f"{type(error).__name__}: {error}")) from error


def samples(log: Mapping[str, Any], model: str = "") -> Iterator[Entry | Left]:
    """The answers of a log, sample by sample, or why one gives none. ``model`` is used where the log names none."""
    about = log.get("eval")
    named = about.get("model") if isinstance(about, dict) else ""
    for place, sample in enumerate(log.get("samples") or [], start=1):
        if not isinstance(sample, dict):
            continue
        where = f"{sample.get('id', place)}/{sample.get('epoch', 1)}"
        yield _entry(sample, where, named if isinstance(named, str) and named else model)


def _entry(sample: Mapping[str, Any], where: str, model: str) -> Entry | Left:
    output = sample.get("output")
    output = output if isinstance(output, dict) else {}
    choices = output.get("choices")
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    refused = first.get("stop_reason") == "content_filter"
    text = text_of(output.get("completion"))
    sent = [m for m in sample.get("messages") or [] if isinstance(m, dict) and m.get("source") != "generate"]
    messages = turns(sent) or turns(sample.get("input"))
    given = sample.get("input")
    if not messages and isinstance(given, str):
        messages = turns([{"role": "user", "content": given}])
    found, logprobs = asked(messages), first.get("logprobs")
    options = sample.get("choices")
    if isinstance(options, list) and len(options) > 1 and all(isinstance(one, str) for one in options):
        # The order of the dataset, to which Inspect brings texts of shuffled answers back, and no probabilities.
        logprobs = None
        stem = given.strip() if isinstance(given, str) else (messages[-1].content.strip() if messages else "")
        labels = letters(options)
        found_options: tuple[str, ...] = tuple(options)
    elif found is not None:
        stem, found_options, labels = found.stem, found.options, found.labels
    else:
        return Left(reason="no_options", where=where)
    if sample.get("error"):
        return Left(reason="failed", where=where)
    if not stem:
        return Left(reason="no_question", where=where)
    answered_by = output.get("model") or model
    if not isinstance(answered_by, str) or not answered_by.strip():
        return Left(reason="no_model", where=where)
    if not text and not refused:
        return Left(reason="no_answer", where=where)
    usage = output.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    mass = first_token(logprobs, labels)
    return Entry(
        where=where,
        stem=stem,
        options=found_options,
        labels=labels,
        model=answered_by.strip(),
        prompt="\n\n".join(message.content for message in messages),
        before=tuple(messages[:-1]),
        text=None if mass else text,
        refused=refused,
        mass=mass,
        read_as="top_k",
        created=_time(sample.get("completed_at")),
        tokens_in=_count(usage.get("input_tokens")),
        tokens_out=_count(usage.get("output_tokens")),
    )


def _time(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < 2**53 else None
