"""Words that several briefs share, and the first page of each."""

from collections.abc import Sequence

from core.brief import Figure, FirstPage, plain_lines
from core.brief.model import MOST_LIMITS
from core.findings.confidence import MOST_FINDINGS, Stated
from pages.parts.shared.texts import t, term


def first_page(
    page: str,
    bottom: Stated,
    findings: Sequence[Stated],
    figures: Sequence[Figure],
    **words: str,
) -> FirstPage:
    """The first page of the brief of ``page``: the first of ``findings`` and ``figures``, its limits and questions.

    ``words`` fill places of the questions.
    """
    plain = [one._replace(text=" ".join(plain_lines(one.text))) for one in (bottom, *findings)]
    return FirstPage(
        bottom=plain[0],
        findings=tuple(plain[1 : MOST_FINDINGS + 1]),
        figure=figures[0] if figures else None,
        limits=limits(page)[:MOST_LIMITS],
        questions=(*plain_lines(term("vendor", page, **words)), *plain_lines(term("vendor", "all"))),
    )


def limits(page: str) -> tuple[str, ...]:
    """What the brief of ``page`` must say that it cannot tell, then what holds for each of them."""
    return (*plain_lines(term("brief_limits", page)), *plain_lines(term("brief_limits", "all")))


def measured_as(language: str, told: str) -> str:
    """In which prompt language, and as whom, the model was asked."""
    return t("brief.measured_as", language=term("language", language), told=told)
