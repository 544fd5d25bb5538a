"""A mapping that a user writes: which column of a file is which question, or which has the country, the year and so on.

As text it is ``Q49=happy, country=land``; as a file it is a CSV with the columns ``what`` and ``column``.
"""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import InputError, said
from core.surveys.csv_rows import read_rows

_COLUMNS = {
    **dict.fromkeys(("what", "question", "role", "题目", "内容"), "what"),
    **dict.fromkeys(("column", "variable", "name", "列", "变量"), "column"),
}
_NEXT = re.compile(r"[,;\n](?=[^,;=\n]+=)")


def read_mapping(text: str) -> dict[str, str]:
    """The pairs in ``text``, or those of the file of which ``text`` is the path.

    An empty column means that the file has none. Raises :class:`InputError` where it is neither, or where something is
    mapped twice.

    >>> read_mapping("Q49=happy, now; country=land")
    {'Q49': 'happy, now', 'country': 'land'}
    """
    if "=" in text:
        return _joined([(part.partition("=")[0], part.partition("=")[2]) for part in _NEXT.split(text)])
    path = Path(text)
    if not path.is_file():
        raise InputError(said("mapping_unread", text=text))
    rows = read_rows(path, _COLUMNS)
    for line, row in rows:
        if "what" not in row:
            raise InputError(said("mapping_line", file=path.name, line=line))
    return _joined([(row["what"], row.get("column", "")) for _, row in rows])


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for what, column in pairs:
        name = what.strip()
        if found.setdefault(name, column.strip()) != column.strip():
            raise InputError(said("mapping_twice", name=name))
    return found
