"""Published studies in words: one line that names the source of a figure and leads to it."""

from core.surveys.published import study
from core.text import plain
from pages.parts.shared.texts import day, t, term


def source_line(name: str) -> str:
    """Title with its address, the day of the version that was read, and the terms; Markdown."""
    known = study(name)
    title = f"[{plain(known.title)}]({known.link})"
    return t("study.source", title=title, read=day(known.read), terms=term("study_terms", known.terms))
