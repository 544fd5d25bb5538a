"""What was left aside so that models side by side rest on the same items, in words."""

from collections.abc import Mapping, Sequence

from core.text import plain
from pages.parts.shared.texts import listed, number, paired, term


def aside_words(shared: int, aside: Mapping[str, int], apart: Sequence[str], unit: str = "questions") -> list[str]:
    """Sentences, as Markdown: how many items were left aside of each, and which of them cannot be compared.

    ``shared`` items are compared. ``unit`` is ``questions``, ``variants`` (of dilemmas), or ``items`` where their
    number differs from place to place. Empty where nothing was left aside.
    """
    lines = []
    lost = [paired(plain(name), number(count)) for name, count in aside.items() if count]
    if lost:
        lines.append(term("aside", unit, n=shared, names=listed(lost)))
    if apart:
        lines.append(term("aside_apart", unit, names=listed(plain(name) for name in apart)))
    return lines
