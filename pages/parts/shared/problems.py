"""What an error says, in the reader's language."""

from core.errors import ParallaxError
from core.text import plain
from pages.parts.shared.texts import ui_language


def problem_text(error: ParallaxError) -> str:
    """Markdown: what happened in bold, then what to do. Words from outside are shown as they are and do nothing."""
    message, hint = error.text(ui_language(), plain)
    return f"**{message}** {hint}".rstrip()
