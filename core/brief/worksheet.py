"""The worksheet of the lesson as one HTML file to be printed. It holds questions and room to write, and no answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from core.brief.html import HTML_LANG, POLICY, TEMPLATES, environment
from core.i18n import texts
from core.types import Language

OWN_ROWS = 3
"""Empty rows for questions that the class adds."""


class Task(NamedTuple):
    """One question of the worksheet: its title, what is asked, and the options where one is ticked."""

    title: str
    ask: str
    options: tuple[str, ...] = ()


def worksheet_html(tasks: Sequence[Task], language: Language) -> str:
    """``tasks``, in ``language``, as an HTML document of A4 pages that needs no other file and has no script."""
    page = environment().get_template("worksheet.html.j2")
    css = Markup((TEMPLATES / "worksheet.css").read_text("utf-8"))  # noqa: S704 - a file of this package
    return page.render(
        tasks=tasks, t=texts(language), lang=HTML_LANG[language], policy=POLICY, css=css, own_rows=range(OWN_ROWS)
    )
