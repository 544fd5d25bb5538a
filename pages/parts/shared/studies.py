"""The source of a published figure in one line, with a link."""

from core.surveys.published import study
from core.text import plain
from pages.parts.shared.texts import day, t, term


def source_line(name: str) -> str:
    """The title of a study with its address, the date of the version that was read, and its terms, as Markdown."""
    known = study(name)
    title = f"[{plain(known.title)}]({known.link})"
    words = {"title": title, "terms": term("study_terms", known.terms)}
    return t("study.source", read=day(known.read), **words) if known.read else t("study.source_undated", **words)
