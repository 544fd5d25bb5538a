"""A catalogue and runs whose free texts try to become Markdown, and what of a page a browser reads as Markdown."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from core.settings import DATA
from core.store import RunFolder, RunInfo
from core.store.files.run_info import read_info
from core.store.files.shards import ShardName, read_shard, write_shard

MARK = "px](https://px.example)"
"""Where this is found as it is, a link would be drawn; made harmless, its bracket is escaped."""
TEXT = f"[{MARK} **b** <b>i</b> :red[r] $x$ ![{MARK}"

AS_IT_IS = {
    "arrow_vega_lite_chart": "drawn by Vega, as text",
    "vega_lite_chart": "drawn by Vega, as text",
    "arrow_data_frame": "cells are text",
    "dataframe": "cells and heads are text",
    "code": "code",
    "text": "text",
    "text_area": "what is typed",
    "text_input": "what is typed",
    "selectbox": "options are text",
    "multiselect": "options are text",
    "html": "files of the app alone",
}
"""Elements whose own content a browser shows as it is; their label and help are Markdown all the same."""


def hostile_models(path: Path) -> Path:
    """Every shipped model under a hostile name, made by a hostile developer, and an entry that cannot be used."""
    known = tomllib.loads((DATA / "models.toml").read_text("utf-8"))
    lines = [f"{json.dumps(TEXT)} = 1"]
    for name in known:
        lines += [f"[{json.dumps(name)}]", f"name = {json.dumps(f'{name} {TEXT}')}"]
        lines += [f"{field} = {json.dumps(TEXT)}" for field in ("developer", "note", "tuning", "licence")]
    path.write_text("\n".join(lines), "utf-8")
    return path


MAILED = (
    "demo-citizens",
    "demo-countries-en",
    "demo-countries-zh",
    "demo-edc-escalation",
    "demo-edc-wave-1",
    "demo-edc-wave-2",
    "demo-groups-en",
    "mark-demo",
    "mark-faithfulness",
)
"""Shipped runs of every audit. The others have the same columns, and pages would compute for minutes over all."""


def hostile_runs(root: Path) -> list[str]:
    """Shipped runs once more, as somebody else could mail them: titles, notes, ids of models, errors."""
    made = []
    for folder in (DATA / "runs" / name for name in MAILED):
        info = read_info(folder)
        new = f"mailed-{folder.name}"
        changed = info.model_copy(update={"run_id": new, "title": TEXT, "note": TEXT, "shards": {}, "retired": ()})
        with RunFolder.create(root, RunInfo.model_validate(changed.model_dump())) as out:
            pass
        for name, entry in info.shards.items():
            table = read_shard(folder / name, entry)[0]
            place = ShardName.parse(name)
            assert place is not None
            write_shard(out.path, place.grain, place.number, _mailed(table, new))
        with RunFolder.open(out.path):
            pass
        made.append(new)
    return made


def _mailed(table: pa.Table, run_id: str) -> pa.Table:
    changed = {"run_id": [run_id] * table.num_rows}
    if "model_id" in table.column_names:
        told = zip(table["model_id"].to_pylist(), table["cell_id"].to_pylist(), strict=True)
        # Every other cell was asked of a model that no catalogue has.
        changed["model_id"] = [model if crc32(cell.encode()) % 2 else f"other {TEXT}" for model, cell in told]
    for name, values in changed.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))
    return table


def markdown_of(test: AppTest) -> Iterator[tuple[str, str]]:
    """Every text of a page that a browser reads as Markdown, with the kind of its element."""
    for node in [*test.main, *test.sidebar]:
        proto: Any = getattr(node, "proto", None)
        kind = getattr(node, "type", "")
        if isinstance(proto, Message):
            for field, text in _strings(proto):
                if kind not in AS_IT_IS or field in ("label", "help"):
                    yield f"{kind}.{field}", text


def _strings(message: Message) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        each = value if _repeated(field) else [value]
        for item in each:
            if isinstance(item, str) and field.name not in ("id", "url", "element_id", "form_id", "query_string"):
                yield field.name, item
            elif isinstance(item, Message) and not item.DESCRIPTOR.GetOptions().map_entry:
                yield from _strings(item)


def _repeated(field: FieldDescriptor) -> bool:
    told = getattr(field, "is_repeated", None)
    return bool(told) if told is not None else field.label == FieldDescriptor.LABEL_REPEATED
