"""R files put together byte by byte, as R's saveRDS and save write them (XDR, version 2, gzip)."""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NIL = struct.pack(">i", 254)
NA_REAL = struct.pack(">II", 0x7FF00000, 1954)


def chars(text: str | None) -> bytes:
    if text is None:
        return struct.pack(">ii", 9, -1)
    raw = text.encode()
    return struct.pack(">ii", 9 | 1 << 15, len(raw)) + raw


def pairs(entries: Mapping[str, bytes]) -> bytes:
    out = b""
    for name, value in entries.items():
        out += struct.pack(">ii", 2 | 1 << 10, 1) + chars(name) + value
    return out + NIL


def vector(kind: int, body: bytes, length: int, attributes: Mapping[str, bytes]) -> bytes:
    flags = kind | (1 << 8 if "class" in attributes else 0) | (1 << 9 if attributes else 0)
    return struct.pack(">ii", flags, length) + body + (pairs(attributes) if attributes else b"")


def strings(values: Sequence[str | None], **attributes: bytes) -> bytes:
    return vector(16, b"".join(chars(value) for value in values), len(values), attributes)


def reals(values: Sequence[float], **attributes: bytes) -> bytes:
    body = b"".join(NA_REAL if math.isnan(value) else struct.pack(">d", value) for value in values)
    return vector(14, body, len(values), attributes)


def integers(values: Sequence[int | None], **attributes: bytes) -> bytes:
    body = b"".join(struct.pack(">i", -(2**31) if value is None else value) for value in values)
    return vector(13, body, len(values), attributes)


def factor(values: Sequence[str | None], levels: Sequence[str]) -> bytes:
    places = [None if value is None else levels.index(value) + 1 for value in values]
    return integers(places, levels=strings(levels), **{"class": strings(["factor"])})


def labelled(values: Sequence[float], labels: Mapping[str, float], na_range: Sequence[float] = ()) -> bytes:
    more = {"na_range": reals(na_range)} if na_range else {}
    kind = strings(["haven_labelled_spss", "haven_labelled", "vctrs_vctr", "double"])
    return reals(values, labels=reals(list(labels.values()), names=strings(list(labels))), **more, **{"class": kind})


def data_frame(columns: Mapping[str, bytes], rows: int) -> bytes:
    attributes: dict[str, Any] = {
        "names": strings(list(columns)),
        "class": strings(["tbl_df", "tbl", "data.frame"]),
        "row.names": integers([None, -rows]),
    }
    return vector(19, b"".join(columns.values()), len(columns), attributes)


def write_r(path: Path, thing: bytes, name: str = "people") -> None:
    """``thing`` as ``.rds``, or under ``name`` in an ``.RData``."""
    head = b"X\n" + struct.pack(">iii", 2, 0x030602, 0x020300)
    raw = head + thing if path.suffix == ".rds" else b"RDX2\n" + head + pairs({name: thing})
    path.write_bytes(gzip.compress(raw))
