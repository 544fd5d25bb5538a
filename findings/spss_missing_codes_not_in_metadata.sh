#!/usr/bin/env bash
# pyreadstat 1.3.7 hides an SPSS file's codes for "no answer" from whoever reads the metadata first, as one should.
#
# A program that meets a survey file reads its metadata alone to learn which codes mean "no answer". With the default
# arguments `missing_ranges` is then empty, as if the file declared none: the ranges are filled only where user_missing
# is asked for, although metadataonly reads no answers that this argument could change. `missing_user_values`, which
# the name suggests, stays empty for SPSS. And `number_rows` is the number of rows in the file with metadataonly, but
# the number of rows read with row_limit: whoever looks at one row to see both is told that the file has one row.
#
# Versions: pyreadstat 1.3.7, pandas 3.1.1, Python 3.11.
# Output seen on 2026-11-28:
# {"metadata alone": [0, 0, 5], "metadata alone, user_missing": [2, 0, 5], "one row, user_missing": [2, 0, 1],
#  "answers": [1.0, 2.0, null, null, null], "answers, user_missing": [1.0, 2.0, 8.0, 97.0, 99.0]}
# (numbers: missing ranges, missing user values, rows). Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q pyreadstat==1.3.7 pandas==3.1.1 2>/dev/null
cat > look.py <<'P'
import json
import sys

import pandas as pd
import pyreadstat

pyreadstat.write_sav(
    pd.DataFrame({"trust": [1.0, 2.0, 8.0, 97.0, 99.0]}),
    "people.sav",
    variable_value_labels={"trust": {1: "yes", 2: "no", 8: "not asked", 97: "don't know", 99: "refused"}},
    missing_ranges={"trust": [{"lo": 90, "hi": 99}, 8]},
)


def told(**how):
    _, about = pyreadstat.read_sav("people.sav", **how)
    return [len(about.missing_ranges.get("trust", [])), len(about.missing_user_values), about.number_rows]


def answers(**how):
    frame, _ = pyreadstat.read_sav("people.sav", **how)
    return [None if value != value else value for value in frame["trust"].astype(object)]


found = {
    "metadata alone": told(metadataonly=True),
    "metadata alone, user_missing": told(metadataonly=True, user_missing=True),
    "one row, user_missing": told(row_limit=1, user_missing=True),
    "answers": answers(),
    "answers, user_missing": answers(user_missing=True),
}
print(json.dumps(found))
sys.exit(
    found
    != {
        "metadata alone": [0, 0, 5],
        "metadata alone, user_missing": [2, 0, 5],
        "one row, user_missing": [2, 0, 1],
        "answers": [1.0, 2.0, None, None, None],
        "answers, user_missing": [1.0, 2.0, 8.0, 97.0, 99.0],
    }
)
P
venv/bin/python look.py
