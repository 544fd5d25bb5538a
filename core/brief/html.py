"""Writes a brief as one HTML file. It has no script, fetches nothing, escapes every word and contains its charts.

The layout is in ``templates/brief.html.j2``. Jinja escapes every value there. The only markup that comes from this
module are the drawings, which :mod:`core.brief.svg` has cleaned, and the style sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import altair as alt
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from core.brief.first_page import HIGHEST, annex, density, named_runs, shortened, works_only_here
from core.brief.model import Brief, Draw, Figure
from core.brief.svg import inline
from core.charts.export import PLAIN_WIDTH, to_plain_svg
from core.charts.palette import Palette
from core.i18n import Texts, locale, texts
from core.once import once
from core.providers.hosted.keys import redact
from core.types import Language

TEMPLATES = Path(__file__).with_name("templates")
HTML_LANG: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MANY_FIGURES = 2
NARROW = 230
"""Width in pixels of a plot area where two are side by side."""

TALL = 1.4
"""Height divided by width from which a drawing gets the whole width instead of a place beside another."""

ROW, ONE_LINE = 22, 30
"""Pixels of a row where the first page has many, and the highest row with room for at most two lines."""

SHORT = 16
"""Characters up to which the words of a cell stay on one line."""

_SPAN = re.compile(r"^[^ ]+ \[[^\]]+\]$")
_VIEW = re.compile(r'viewBox="([^"]+)"')
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class Drawn(NamedTuple):
    """A figure as it appears in the file. A ``wide`` figure takes the whole width."""

    title: str
    note: str
    drawn: Markup
    wide: bool


def file_name(key: str, made: datetime) -> str:
    """Name of the file of the page ``key``: ``parallax-alignment-2026-11-23.html``."""
    return f"parallax-{key}-{made:%Y-%m-%d}.html"


def to_html(
    brief: Brief, palette: Palette, language: Language, made: datetime | None = None, secrets: Iterable[str] = ()
) -> str:
    """``brief`` as an HTML document that needs no other file; this call draws its charts.

    ``palette`` should suit white paper. ``secrets`` (keys of the session) are masked wherever somebody has typed one
    into a title or a question, and so is everything that looks like a key.
    """
    t = texts(language)
    chief = _chief(brief.first.figure, palette, t)
    rest, (named, unnamed) = annex(brief), named_runs(brief)
    abreast = len(rest.figures) >= MANY_FIGURES
    libraries = dict.fromkeys(", ".join(f"{n} {v}" for n, v in source.libraries.items()) for source in brief.runs)
    whole = (
        environment()
        .get_template("brief.html.j2")
        .render(
            brief=brief,
            t=t,
            term=partial(_word, t),
            lang=HTML_LANG[language],
            policy=POLICY,
            css=Markup((TEMPLATES / "brief.css").read_text("utf-8")),  # noqa: S704 - a file of this package
            date=locale.day(made or datetime.now(UTC), language),
            density=density(brief, _shape(chief.drawn) if chief else 0.0),
            only_here=works_only_here(brief.view),
            chief=chief,
            named=named,
            unnamed=unnamed,
            annex=rest,
            abreast=abreast,
            figures=[
                _drawn(figure, f"f{place}", palette, t, NARROW if abreast else PLAIN_WIDTH)
                for place, figure in enumerate(rest.figures, start=1)
            ],
            software=[line for line in libraries if line],
            commands=list(dict.fromkeys(source.command for source in brief.runs if source.command)),
            by_hand=[source.run_id for source in brief.runs if not source.command],
        )
    )
    return redact(whole, *(form for secret in secrets for form in (secret, str(escape(secret)))))


@once
def environment() -> Environment:
    """Jinja that escapes every value, drops characters that HTML forbids and rejects a name without a value."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_allowed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["minute"] = _minute
    made.filters["short"] = shortened
    made.tests["unbroken"] = _unbroken
    return made


def _allowed(value: object) -> object:
    return value if isinstance(value, Markup) or not isinstance(value, str) else _CONTROLS.sub("", value)


def _unbroken(value: str) -> bool:
    """Whether a cell stays on one line: a few short words, or a number with its interval."""
    return len(value) <= SHORT or bool(_SPAN.search(value))


def _word(lookup: Texts, family: str, value: str) -> str:
    return lookup(f"{family}.{value}")


def _minute(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _chief(figure: Figure | None, palette: Palette, t: Texts) -> Drawn | None:
    """The chart of the first page, as wide as the page. Many rows are set closer, so that their letters stay large."""
    if figure is None:
        return None
    drawn = _drawn(figure, "f0", palette, t, PLAIN_WIDTH)
    if _shape(drawn.drawn) <= HIGHEST:
        return drawn
    return _drawn(figure.model_copy(update={"draw": _close_rows(figure.draw)}), "f0", palette, t, PLAIN_WIDTH)


def _close_rows(draw: Draw) -> Draw:
    """``draw`` with rows of :data:`ROW` pixels where the height of each of its rows is only a little more."""

    def closer(palette: Palette, t: Texts) -> alt.TopLevelMixin:
        chart = draw(palette, t)
        if isinstance(chart, alt.LayerChart) and isinstance(chart.height, alt.Step) and chart.height.step <= ONE_LINE:
            chart.height = alt.Step(ROW)
        return chart

    return closer


def _drawn(figure: Figure, prefix: str, palette: Palette, t: Texts, width: int) -> Drawn:
    """The figure with its drawing. It is narrower where two are side by side, so that its words keep their size."""
    svg = to_plain_svg(figure.draw(palette, t), palette, width)
    wide = width == NARROW and _shape(svg) > TALL
    if wide:
        svg = to_plain_svg(figure.draw(palette, t), palette)
    drawn = inline(svg, prefix, " ".join(_CONTROLS.sub("", figure.description).split()))
    return Drawn(figure.title, figure.note, Markup(drawn), wide)  # noqa: S704 - cleaned by inline()


def _shape(svg: str) -> float:
    """Height of a drawing divided by its width."""
    _, _, width, height = (float(part) for part in _VIEW.findall(svg)[0].split())
    return height / width
