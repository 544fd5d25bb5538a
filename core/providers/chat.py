"""Renders messages as the exact text and token ids that a local model reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from core.errors import BadAnswer, said
from core.types import Message

# Some templates print today's date. With a fixed date the prompt, and so the answer, is the same every day.
_FIXED_DATE = "{%- macro strftime_now(form) -%}26 Jul 2024{%- endmacro -%}"
_SHORTEST_CONTROL_TOKEN = 3
_controls: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()


class Rendered(NamedTuple):
    """A prompt as text and as token ids."""

    text: str
    ids: tuple[int, ...]


def render_messages(tokenizer: Any, messages: Sequence[Message], chat: bool = True) -> Rendered:
    """The prompt in the model's own chat template, or :func:`plain_text` for a base model or one without a template.

    Control tokens that were typed in a message stay plain text. Raises :class:`BadAnswer` where the template rejects
    the messages.
    """
    safe = [Message(role=m.role, content=_disarm(tokenizer, m.content)) for m in messages]
    if not chat or not tokenizer.chat_template:
        text = plain_text(safe)
        return Rendered(text, tuple(tokenizer(text)["input_ids"]))
    text = _apply_template(tokenizer, safe)
    # The template has already written the begin-of-text token if the model has one.
    return Rendered(text, tuple(tokenizer(text, add_special_tokens=False)["input_ids"]))


def plain_text(messages: Sequence[Message]) -> str:
    """The prompt of a base model: the texts of the messages with blank lines between them, then ``Answer:``."""
    return "\n\n".join(message.content for message in messages) + "\nAnswer:"


def merge_system(messages: Sequence[Message]) -> list[Message]:
    """The same messages with all system texts moved to the beginning of the first user turn."""
    system = [m.content for m in messages if m.role == "system"]
    rest = [m for m in messages if m.role != "system"]
    if not rest or rest[0].role != "user":
        rest = [Message(role="user", content=""), *rest]
    merged = "\n\n".join(part for part in (*system, rest[0].content) if part)
    return [Message(role="user", content=merged), *rest[1:]]


def visible(text: str) -> str:
    """``text`` with visible signs for characters that would not show, such as a line break.

    >>> visible("a\\nb")
    'a␊b'
    """
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))  # Unicode has a visible sign for each control character
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"U+{ord(character):04X}"
    return character


def _disarm(tokenizer: Any, content: str) -> str:
    for token in _control_tokens(tokenizer):
        if len(token) >= _SHORTEST_CONTROL_TOKEN and token in content:
            content = content.replace(token, f"{token[0]}\u200b{token[1:]}")
    return content


def _control_tokens(tokenizer: Any) -> tuple[str, ...]:
    """All texts that the tokenizer reads as one token wherever they stand; its named special tokens are only some of
    them.
    """
    if tokenizer not in _controls:
        added = getattr(tokenizer, "added_tokens_decoder", {}).values()
        marked = (token.content for token in added if token.special)
        _controls[tokenizer] = tuple(dict.fromkeys([*tokenizer.all_special_tokens, *marked]))
    return _controls[tokenizer]


def _apply_template(tokenizer: Any, messages: Sequence[Message]) -> str:
    from jinja2 import TemplateError

    try:
        return _fill(tokenizer, messages)
    except TemplateError as error:
        reason = error
    try:
        if not any(message.role == "system" for message in messages):
            raise reason
        return _fill(tokenizer, merge_system(messages))
    except TemplateError as error:
        raise BadAnswer(said("chat_template", reason=error)) from error


def _fill(tokenizer: Any, messages: Sequence[Message]) -> str:
    template: str = tokenizer.get_chat_template()
    options: dict[str, Any] = {}
    if "strftime_now" in template:
        template = _FIXED_DATE + template
    if "enable_thinking" in template:
        options["enable_thinking"] = False  # otherwise the next token would begin a thought and not the answer
    text: str = tokenizer.apply_chat_template(
        [message.model_dump() for message in messages],
        chat_template=template,
        tokenize=False,
        add_generation_prompt=True,
        **options,
    )
    return text
