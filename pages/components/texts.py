"""Interface texts in the reader's language."""

from core import i18n
from core.types import Language


def ui_language() -> Language:
    """Language of the interface. English until a second catalogue is shipped."""
    return "en"


def t(key: str, **values: object) -> str:
    """The text ``key`` in the reader's language, its places filled with ``values``."""
    return i18n.texts(ui_language())(key, **values)


def term(family: str, value: object) -> str:
    """The word for one value of a closed set, such as ``term("topic", "religion")``."""
    return t(f"{family}.{value}")
