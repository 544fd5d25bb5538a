"""Words that several briefs share."""

from core.brief import plain_lines
from pages.parts.shared.texts import t, term


def limits(page: str) -> tuple[str, ...]:
    """What the brief of ``page`` must say that it cannot tell, then what holds for each of them."""
    return (*plain_lines(term("brief_limits", page)), *plain_lines(term("brief_limits", "all")))


def measured_as(language: str, told: str) -> str:
    """In which prompt language, and as whom, the model was asked."""
    return t("brief.measured_as", language=term("language", language), told=told)
