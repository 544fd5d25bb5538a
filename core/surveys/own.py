"""Questions of the user's own: they belong to no survey, so nobody has answered them yet."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InputError, said
from core.types import LABELS, LocalText, Option, Question, digest

SHORT = "Own question"


def own_question(stem: str, options: Sequence[str], ordered: bool = False, short: str = SHORT) -> Question:
    """A question from its words; its id follows from them. ``ordered`` options are in the order of a scale.

    Raises :class:`InputError` for fewer than two options, more options than letters, and an option that occurs twice.

    >>> own_question("Shall we meet?", ["Yes", "No"]).codes
    (1, 2)
    """
    if not 2 <= len(options) <= len(LABELS):
        raise InputError(said("own_count", n=len(options), most=len(LABELS)))
    if len(set(options)) < len(options):
        raise InputError(said("own_twice"))
    return Question(
        id=f"own-{digest([stem, list(options), ordered], 10)}",
        topic="own",
        short=LocalText(en=short, zh=short),
        stem=LocalText(en=stem, zh=stem),
        options=tuple(Option(code=i, text=LocalText(en=o, zh=o)) for i, o in enumerate(options, start=1)),
        scale="ordinal" if ordered else "nominal",
        polarity=1 if ordered else 0,
    )
