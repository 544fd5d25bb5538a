"""Samples of lm-evaluation-harness (``--log_samples``): one JSON object a line, in the form of version 0.4.

A multiple-choice sample holds the log-likelihood of each option as a continuation of the prompt; a generated one holds
texts. The name of the model stands in ``results_<time>.json`` beside the samples, not in them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.runs.logs.entries import Entry, Left, letters, listed_options

_STEMS = ("question", "query", "stem", "input", "goal")
_CHOICES = ("choices", "options", "answers", "endings")
_SLACK = 1e-6


def is_sample(doc: Mapping[str, Any]) -> bool:
    """Whether ``doc`` is a sample of lm-evaluation-harness."""
    return {"doc_id", "arguments", "resps"} <= doc.keys()


def model_beside(path: Path) -> str:
    """The model that the results beside the samples ``path`` name; empty where none are there or several differ."""
    stamp = path.stem.rsplit("_", 1)[-1]
    exact = path.with_name(f"results_{stamp}.json")
    names = set()
    for file in [exact] if exact.is_file() else sorted(path.parent.glob("results_*.json")):
        try:
            doc = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            continue  # one that cannot be read names nobody: the model is then asked for
        name = doc.get("model_name") if isinstance(doc, dict) else None
        if isinstance(name, str) and name.strip():
            names.add(_bare(name.strip()))
    return names.pop() if len(names) == 1 else ""


def _bare(name: str) -> str:
    """A name on the hub as it is; of a path on somebody's disk only the last part, since runs are passed on."""
    is_path = name.startswith(("/", "~", ".", "\\")) or name[1:3] in (":/", ":\\")
    return name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] if is_path else name


class Samples:
    """Reads samples one after the other; a sample that several filters list counts once."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._seen: set[tuple[str, str]] = set()

    def read(self, doc: Mapping[str, Any], where: str) -> Iterator[Entry | Left]:
        """The answers of one sample, several where it was repeated, or why it gives none."""
        calls = _calls(doc["arguments"])
        if not calls:
            yield Left(reason="no_question", where=where)
            return
        same = (str(doc["doc_id"]), json.dumps([calls, doc["resps"]], default=str))
        if same in self._seen:
            yield Left(reason="repeated", where=where)
            return
        self._seen.add(same)
        prompt = calls[0][0]
        resps = doc["resps"] if isinstance(doc["resps"], list) else []
        if all(isinstance(argument, str) for _, argument in calls):
            yield self._scored(doc, where, calls, resps)
            return
        found = _question(doc, prompt)
        if isinstance(found, str):
            yield Left(reason="no_question" if found == "question" else "no_options", where=where)
            return
        texts = resps[0] if resps and isinstance(resps[0], list) else resps
        if not texts:
            yield Left(reason="no_answer", where=where)
        stem, options, labels = found
        for text in texts:
            if isinstance(text, str):
                yield Entry(
                    where=where,
                    stem=stem,
                    options=options,
                    labels=labels,
                    model=self._model,
                    prompt=prompt,
                    text=text,
                )
            else:
                yield Left(reason="no_answer", where=where)

    def _scored(
        self, doc: Mapping[str, Any], where: str, calls: Sequence[tuple[str, Any]], resps: Sequence[Any]
    ) -> Entry | Left:
        """A sample whose options were weighed as continuations of one prompt."""
        prompt = calls[0][0]
        # Besides, some metrics weigh the options without the question.
        told = [(words.strip(), resp) for (before, words), resp in zip(calls, resps, strict=False) if before == prompt]
        if len(told) < 2:
            return Left(reason="no_options", where=where)
        mass = []
        for _, resp in told:
            value = _log_likelihood(resp)
            if value is None:
                return Left(reason="no_probability", where=where)
            mass.append(math.exp(value))
        if sum(mass) > 1 + _SLACK or not any(mass):
            return Left(reason="no_probability", where=where)
        words = tuple(continuation for continuation, _ in told)
        found = _question(doc, prompt)
        stem, options, labels = found if not isinstance(found, str) and len(found[1]) == len(words) else ("", (), ())
        if words != labels or not stem:
            if all(len(word.strip("().")) < 2 for word in words):
                return Left(reason="no_options", where=where)
            stem, options, labels = _stem(doc, prompt), words, ()
        if not stem:
            return Left(reason="no_question", where=where)
        total = max(1.0, sum(mass))
        return Entry(
            where=where,
            stem=stem,
            options=options,
            labels=labels,
            model=self._model,
            prompt=prompt,
            mass=tuple(part / total for part in mass),
        )


def _calls(arguments: Any) -> list[tuple[str, Any]]:
    """What the model was called with, as pairs of prompt and argument; empty where the form is another."""
    if isinstance(arguments, dict):
        parts = [list(call.values()) for call in arguments.values() if isinstance(call, dict)]
    elif isinstance(arguments, list):
        parts = [call for call in arguments if isinstance(call, list)]
    else:
        parts = []
    good = [(part[0], part[1]) for part in parts if len(part) >= 2 and isinstance(part[0], str)]
    return good if len(good) == len(parts) else []


def _log_likelihood(resp: Any) -> float | None:
    """The log-likelihood in ``[["-1.2", "False"]]`` or ``["-1.2", "False"]``; ``None`` where there is none."""
    while isinstance(resp, list) and resp:
        resp = resp[0]
    try:
        value = float(resp)
    except (TypeError, ValueError):
        return None
    return value if not math.isnan(value) and value <= _SLACK else None


def _stem(doc: Mapping[str, Any], prompt: str) -> str:
    content = doc.get("doc")
    inner = content if isinstance(content, dict) else {}
    named = next((inner[name] for name in _STEMS if isinstance(inner.get(name), str) and inner[name].strip()), "")
    return (named or prompt).strip()


def _question(doc: Mapping[str, Any], prompt: str) -> tuple[str, tuple[str, ...], tuple[str, ...]] | str:
    """Stem, options and labels of a sample; ``question`` or ``options`` where that is what cannot be told."""
    listed = listed_options(prompt)
    if listed is not None:
        stem = _stem(doc, listed.stem)
        return (stem, listed.options, listed.labels) if stem else "question"
    content = doc.get("doc")
    inner = content if isinstance(content, dict) else {}
    for name in _CHOICES:
        found = inner.get(name)
        found = found.get("text") if isinstance(found, dict) else found
        if isinstance(found, list) and len(found) > 1 and all(isinstance(one, str) for one in found):
            return _stem(doc, prompt), tuple(found), letters(found)
    return "options"
