#!/usr/bin/env bash
# pyreadr 0.5.8 reads a labelled survey column of R as bare numbers: "don't know" becomes an answer, without a word.
#
# R's haven keeps an SPSS question as a column of class haven_labelled_spss: numbers, the words for them, and the range
# of codes that mean "no answer". pyreadr gives the numbers alone: 97 and 99, which the file declares missing, are values
# like 1 and 2, and a mean over the column takes them in. Words, the wording of the question and the range are nowhere in
# what it returns. The reasons of haven's tagged missing values (refused, not asked) become one NaN. A factor of the same
# file keeps its words, so the frame does not look as if something was lost. rdata 1.1.0 drops the same, but warns that it
# does not know the class.
#
# The file is written here byte by byte, as saveRDS writes it (XDR, version 2).
#
# Versions: pyreadr 0.5.8, rdata 1.1.0, pandas 3.1.1, Python 3.11.
# Output seen on 2026-11-28:
# {"satisfied": [1.0, 2.0, 97.0, 99.0, 1.0], "equal": [1.0, 2.0, 3.0, null, null], "sex": ["f", "m", null, "f", "m"],
#  "words kept": {"satisfied": [], "equal": []}, "pyreadr warns": false, "rdata": [1.0, 2.0, 97.0, 99.0, 1.0],
#  "rdata warns": true}
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q pyreadr==0.5.8 rdata==1.1.0 pandas==3.1.1 2>/dev/null
cat > look.py <<'P'
import json
import struct
import sys
import warnings

import pyreadr
import rdata

NULL, STRINGS, REALS, INTEGERS, LIST, PAIR = 254, 16, 14, 13, 19, 2
MISSING = -(2**31)


def text(word):
    if word is None:
        return struct.pack(">ii", 9, -1)
    return struct.pack(">ii", 9 | 1 << 15, len(word)) + word.encode()


def thing(kind, count, body, **about):
    head = kind | (1 << 9 if about else 0) | (1 << 8 if "class" in about else 0)
    notes = b"".join(struct.pack(">ii", PAIR | 1 << 10, 1) + text(key.replace("_names", ".names")) + value
                     for key, value in about.items())
    return struct.pack(">ii", head, count) + body + (notes + struct.pack(">i", NULL) if about else b"")


def words(values, **about):
    return thing(STRINGS, len(values), b"".join(map(text, values)), **about)


def numbers(values, **about):
    raw = (value if isinstance(value, bytes) else struct.pack(">d", value) for value in values)
    return thing(REALS, len(values), b"".join(raw), **about)


def whole(values, **about):
    return thing(INTEGERS, len(values), struct.pack(f">{len(values)}i", *values), **about)


def tagged(letter):  # R's missing value, with haven's letter in the fifth byte
    return struct.pack(">II", 0x7FF00000 | ord(letter), 1954)


satisfied = numbers(
    [1, 2, 97, 99, 1],
    labels=numbers([1, 2, 97], names=words(["yes", "no", "don't know"])),
    label=words(["Are you satisfied?"]),
    na_range=numbers([97, 99]),
    **{"class": words(["haven_labelled_spss", "haven_labelled", "vctrs_vctr", "double"])},
)
equal = numbers(
    [1, 2, 3, tagged("a"), tagged("b")],
    labels=numbers([1, 3, tagged("a")], names=words(["agree", "disagree", "refused"])),
    **{"class": words(["haven_labelled", "vctrs_vctr", "double"])},
)
sex = whole([2, 1, MISSING, 2, 1], levels=words(["m", "f"]), **{"class": words(["factor"])})
frame = thing(
    LIST, 3, satisfied + equal + sex,
    names=words(["satisfied", "equal", "sex"]), **{"class": words(["data.frame"])}, row_names=whole([MISSING, -5]),
)
with open("people.rds", "wb") as file:
    file.write(b"X\n" + struct.pack(">iii", 2, 0x030602, 0x020300) + frame)


def plain(column):
    return [None if value != value else value for value in column.astype(object)]


with warnings.catch_warnings(record=True) as by_pyreadr:
    warnings.simplefilter("always")
    people = pyreadr.read_r("people.rds")[None]
with warnings.catch_warnings(record=True) as by_rdata:
    warnings.simplefilter("always")
    same = rdata.read_rds("people.rds")
found = {
    "satisfied": plain(people["satisfied"]),
    "equal": plain(people["equal"]),
    "sex": plain(people["sex"]),
    "words kept": {name: sorted(people[name].attrs) + sorted(people.attrs) for name in ("satisfied", "equal")},
    "pyreadr warns": any("labelled" in str(one.message) for one in by_pyreadr),
    "rdata": plain(same["satisfied"]),
    "rdata warns": any("labelled" in str(one.message) for one in by_rdata),
}
print(json.dumps(found))
answers = [1.0, 2.0, 97.0, 99.0, 1.0]
sys.exit(
    found
    != {
        "satisfied": answers,
        "equal": [1.0, 2.0, 3.0, None, None],
        "sex": ["f", "m", None, "f", "m"],
        "words kept": {"satisfied": [], "equal": []},
        "pyreadr warns": False,
        "rdata": answers,
        "rdata warns": True,
    }
)
P
venv/bin/python look.py
