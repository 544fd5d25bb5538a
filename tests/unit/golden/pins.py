"""How frames are written down, read back, and compared with each other."""

from __future__ import annotations

import json
import lzma
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

PINNED = Path(__file__).parent / "pinned"
LONG = 9
"""Frames of more rows stand in a compressed file beside the readable one."""
MOST = 12
"""Differences that are told of one frame."""
DIGITS, NEAR, NOTHING = 9, 2e-9, 1e-12
"""Digits that are written down; how near a number has to be, relative to its size; below this all numbers are 0."""

Pinned = dict[str, dict[str, list[Any]]]


def pinned(frames: dict[str, pd.DataFrame]) -> Pinned:
    """Frames as plain lists, numbers rounded to 9 digits."""
    return {
        name: {
            "columns": [str(column) for column in frame.columns],
            "rows": [[_plain(value) for value in row] for row in frame.astype(object).itertuples(index=False)],
        }
        for name, frame in frames.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool | np.bool_) or value is None:
        return bool(value) if isinstance(value, np.bool_) else value
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(one) for one in value]
    if value is pd.NaT or value is pd.NA:
        return None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    number = float(value)
    if not math.isfinite(number):
        return None if math.isnan(number) else str(number)
    short = float(f"{number:.{DIGITS}g}")
    return int(short) if short == int(short) and abs(short) < 10**DIGITS else short


def write(name: str, frames: Pinned, folder: Path = PINNED) -> None:
    """Write ``name.json``, one line a row, and ``name.json.xz`` for long frames where there are any."""
    folder.mkdir(exist_ok=True)
    parts = {True: {}, False: {}}
    for key, frame in frames.items():
        parts[len(frame["rows"]) > LONG][key] = frame
    (folder / f"{name}.json").write_text(_text(parts[False]), encoding="utf-8")
    compressed = folder / f"{name}.json.xz"
    compressed.unlink(missing_ok=True)
    if parts[True]:
        compressed.write_bytes(lzma.compress(_text(parts[True]).encode(), preset=9 | lzma.PRESET_EXTREME))


def _text(frames: Pinned) -> str:
    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    parts = []
    for name, frame in frames.items():
        rows = ",\n".join(line(row) for row in frame["rows"])
        parts.append(f'{line(name)}:{{"columns":{line(frame["columns"])},"rows":[\n{rows}\n]}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read(name: str, folder: Path = PINNED) -> Pinned:
    """What :func:`write` wrote."""
    found: Pinned = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    compressed = folder / f"{name}.json.xz"
    return found | (json.loads(lzma.decompress(compressed.read_bytes())) if compressed.exists() else {})


def changes(file: str, before: Pinned, after: Pinned) -> list[str]:
    """What differs, one line each: file, frame, row, column, before and after."""
    out = [f"{file} · {name}: the frame is gone" for name in before if name not in after]
    out += [f"{file} · {name}: a frame that is not pinned" for name in after if name not in before]
    for name in before:
        if name in after:
            found = _frame_changes(before[name], after[name])
            out += [f"{file} · {name}: {one}" for one in found[:MOST]]
            if len(found) > MOST:
                out.append(f"{file} · {name}: and {len(found) - MOST} more")
    return out


def _frame_changes(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    out = []
    old, new = before["columns"], after["columns"]
    if set(old) != set(new):
        lost, more = sorted(set(old) - set(new)), sorted(set(new) - set(old))
        out.append(f"columns gone: {lost or 'none'}, columns new: {more or 'none'}")
    if len(before["rows"]) != len(after["rows"]):
        out.append(f"{len(before['rows'])} rows before, {len(after['rows'])} after")
    places = [(column, old.index(column), new.index(column)) for column in old if column in new]
    for number, (left, right) in enumerate(zip(before["rows"], after["rows"], strict=False)):
        label = ", ".join(str(value) for value in left if isinstance(value, str))[:90]
        out += [
            f"row {number} ({label}), {column}: {left[i]!r} before, {right[j]!r} after"
            for column, i, j in places
            if not same(left[i], right[j])
        ]
    return out


def same(left: Any, right: Any) -> bool:
    """Whether two written values are the same, numbers to 9 digits."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    numbers = [isinstance(one, int | float) and not isinstance(one, bool) for one in (left, right)]
    if all(numbers):
        return math.isclose(left, right, rel_tol=NEAR, abs_tol=NOTHING)
    return not any(numbers) and bool(left == right)
