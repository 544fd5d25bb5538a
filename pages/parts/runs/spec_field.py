"""One field of an audit's spec as a widget, drawn from its type, so that a form can express every spec."""

import json
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from core.errors import InputError, said
from pages.parts.shared.dilemmas import corpus, title_of
from pages.parts.shared.names import word
from pages.parts.shared.texts import t

WORDS = {
    "axes": "stability_axis",
    "domains": "dilemma_domain",
    "intervention": "traces_intervention",
    "interventions": "traces_intervention",
    "kinds": "question_kind",
    "edition": "edition",
}
"""Fields whose values have their own words in the interface."""


def draw_field(name: str, info: FieldInfo, key: str, start: Any = PydanticUndefined) -> Any:
    """The value of one field as its widget has it; None leaves it at its default. ``start`` comes before the default.

    Raises :class:`InputError` where what was typed cannot be read.
    """
    default = info.get_default(call_default_factory=True) if start is PydanticUndefined else start
    default = None if default is PydanticUndefined else default
    limits = {
        end: getattr(limit, end) for limit in info.metadata for end in ("ge", "gt", "le", "lt") if hasattr(limit, end)
    }
    return _draw(word("spec_field", name), name, info.annotation, default, limits, key)


def _draw(label: str, name: str, kind: Any, default: Any, limits: dict[str, Any], key: str) -> Any:
    kinds = [each for each in get_args(kind) if each is not type(None)]
    if type(None) in get_args(kind) and len(kinds) == 1:
        kind, kinds = kinds[0], list(get_args(kinds[0]))
    family = WORDS.get(name, "spec_value")
    if name in ("dilemmas", "domains"):
        return _dilemmas(label, name, default, key)
    if kind is bool:
        return st.toggle(label, bool(default), key=key)
    if kind in (int, float):
        return _number(label, kind, default, limits, key)
    if kind is str:
        return st.text_input(label, default or "", key=key).strip() or None
    if get_origin(kind) is Literal:
        place = kinds.index(default) if default in kinds else 0
        return st.selectbox(label, kinds, place, format_func=lambda v: word(family, str(v)), key=key)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        with st.expander(label, icon=":material/tune:"):
            parts = {
                part: draw_field(part, info, f"{key}_{part}", getattr(default, part, PydanticUndefined))
                for part, info in kind.model_fields.items()
            }
        return {part: value for part, value in parts.items() if value is not None}
    if get_origin(kind) in (tuple, list, set, frozenset):
        return _several(label, family, kind, kinds, default, key)
    return _typed(label, kind, default, key)


def _number(label: str, kind: type, default: Any, limits: dict[str, Any], key: str) -> Any:
    low, high = (
        None if limits.get(name) is None else kind(limits[name]) for name in ("ge" if "ge" in limits else "gt", "le")
    )
    value = low if default is None else kind(default)
    return st.number_input(label, low, high, value, key=key, **({"format": "%g"} if kind is float else {}))


def _several(label: str, family: str, kind: Any, kinds: list[Any], default: Any, key: str) -> Any:
    """Several values of a known set, a fixed number of numbers, or a free list."""
    chosen = [] if default is None else list(default)
    inner = kinds[0] if kinds else str
    if get_origin(inner) is Literal:
        choices = list(get_args(inner))
        return st.multiselect(
            label,
            choices,
            chosen,
            format_func=lambda v: word(family, str(v)),
            placeholder=t("app.choose"),
            select_all=False,
            key=key,
        )
    fixed = get_origin(kind) is tuple and Ellipsis not in kinds
    if fixed and kinds and all(each in (int, float) for each in kinds):
        columns = st.columns(len(kinds))
        start = chosen or [each(0) for each in kinds]
        return [
            column.number_input(
                f"{label} {place}",
                value=each(start[place - 1]),
                key=f"{key}_{place}",
                **({"format": "%g"} if each is float else {}),
            )
            for place, (column, each) in enumerate(zip(columns, kinds, strict=True), start=1)
        ]
    if inner in (str, int, float):
        texts = [str(value) for value in chosen]
        return st.multiselect(
            label,
            texts,
            texts,
            accept_new_options=True,
            placeholder=t("runs.own_list"),
            key=key,
            help=t("runs.own_list"),
        )
    return _typed(label, kind, default, key)


def _dilemmas(label: str, name: str, default: Any, key: str) -> list[str]:
    """Dilemmas by title, or their domains; no choice means all."""
    known = corpus()[0]
    ids = list(known) if name == "dilemmas" else sorted({dilemma.domain for dilemma in known.values()})
    return st.multiselect(
        label,
        ids,
        list(default or ()),
        format_func=lambda v: title_of(v, known) if name == "dilemmas" else word("dilemma_domain", v),
        placeholder=t("runs.all_of", n=len(ids)),
        select_all=False,
        key=key,
    )


def _typed(label: str, kind: Any, default: Any, key: str) -> Any:
    """Anything else as JSON."""
    shape = TypeAdapter(kind)
    text = st.text_area(label, json.dumps(shape.dump_python(default, mode="json")), key=key, help=t("runs.as_json"))
    try:
        return json.loads(text) if text.strip() else None
    except ValueError as error:
        raise InputError(said("spec_json", field=label)) from error
