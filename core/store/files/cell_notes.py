"""Notes on single answers, kept in the note of their run.

A note is a line ``[cell <id>] text`` of it, so that it is mailed with the run and read by whoever opens the run.

>>> with_note("A run of mine.", "5978bd", "odd order")
'A run of mine.\\n[cell 5978bd] odd order'
>>> note_on("A run of mine.\\n[cell 5978bd] odd order", "5978bd")
'odd order'
"""

from __future__ import annotations

import re

_LINE = re.compile(r"^\[cell (?P<cell>[^\]\s]+)\] (?P<text>.*)$")


def note_on(note: str, cell_id: str) -> str:
    """The note on one cell, empty where there is none."""
    return notes_by_cell(note).get(cell_id, "")


def notes_by_cell(note: str) -> dict[str, str]:
    """Cell id -> the note on it, for every cell that ``note`` has a line about."""
    found = (_LINE.match(line) for line in note.split("\n"))
    return {match["cell"]: match["text"] for match in found if match}


def with_note(note: str, cell_id: str, text: str) -> str:
    """``note`` with the line on ``cell_id`` set to ``text``; no text takes the line away, all others stay."""
    line = f"[cell {cell_id}] {' '.join(text.split())}"
    kept = [one for one in note.split("\n") if not ((match := _LINE.match(one)) and match["cell"] == cell_id)]
    return "\n".join([*kept, *([line] if text.strip() else [])]).strip("\n")
