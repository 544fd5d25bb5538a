"""A brief as one HTML file: no script, nothing fetched, every word escaped, charts drawn into it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from core.brief.model import Brief, Figure, RunSource, Table
from core.brief.svg import inline
from core.charts.export import PLAIN_WIDTH, to_plain_svg
from core.charts.palette import Palette
from core.i18n import Texts, locale, texts
from core.providers.hosted.keys import redact
from core.types import Language

HTML_LANG: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MANY_FIGURES = 3
NARROW = 230
"""Width of a plot area of which two stand abreast, in pixels."""

TALL = 1.4
"""Height over width from which a drawing that would stand beside another gets the whole width for itself."""

SHORT = 16
"""Characters up to which the words of a cell stay in one line."""

_SPAN = re.compile(r"^[^ ]+ \[[^\]]+\]$")
"""A number with its interval, which does not break over lines."""
_VIEW = re.compile(r'viewBox="([^"]+)"')
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def file_name(key: str, made: datetime) -> str:
    """``parallax-alignment-2026-11-23.html``."""
    return f"parallax-{key}-{made:%Y-%m-%d}.html"


def to_html(
    brief: Brief, palette: Palette, language: Language, made: datetime | None = None, secrets: Iterable[str] = ()
) -> str:
    """``brief`` as an HTML document that needs nothing but itself; its charts are drawn now.

    ``palette`` should be one for white paper. ``secrets`` (keys of the session) are blotted out wherever somebody has
    typed one into a title or a question, and so is what looks like a key.
    """
    t = texts(language)
    when = made or datetime.now(UTC)
    date = locale.day(when, language)
    body = [
        f"<header><h1>{_text(brief.title)}</h1><p class='made'>{_text(t('brief.made', date=date))}</p></header>",
        "<main>",
        _section(t("brief.finding"), "".join(f"<p>{_text(line)}</p>" for line in brief.finding), "finding"),
        _figures(brief, palette, t),
        "".join(_table(table, t) for table in brief.tables),
        _section(t("brief.method"), _paragraphs(brief.method)),
        _section(t("brief.limits"), _list(brief.limits)),
        _section(t("brief.provenance"), _provenance(brief, t)),
        _section(t("brief.repeat"), _repeat(brief, t)),
        "</main>",
    ]
    head = (
        f"<meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<meta name='generator' content='Parallax'><title>{_text(brief.title)}</title><style>{_css()}</style>"
    )
    opening = f"<!DOCTYPE html>\n<html lang='{HTML_LANG[language]}'><head>{head}</head>\n<body>"
    whole = f"{opening}{''.join(body)}</body></html>\n"
    return redact(whole, *(form for secret in secrets for form in (secret, _text(secret))))


@cache
def _css() -> str:
    return (Path(__file__).parent / "brief.css").read_text("utf-8")


def _text(value: str) -> str:
    """Any text as HTML text; characters that HTML does not allow are dropped."""
    return html.escape(_CONTROLS.sub("", value), quote=True)


def _section(title: str, content: str, kind: str = "plain") -> str:
    return f"<section><h2>{_text(title)}</h2><div class='{kind}'>{content}</div></section>\n"


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{_text(line)}</p>" for line in lines)


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(line)}</li>" for line in lines) + "</ul>"


def _figures(brief: Brief, palette: Palette, t: Texts) -> str:
    """One below the other, or two abreast where there are many, drawn narrower so that words keep their size."""
    many = len(brief.figures) >= MANY_FIGURES
    width = NARROW if many else PLAIN_WIDTH
    drawn = "".join(_figure(figure, f"f{i}", palette, t, width) for i, figure in enumerate(brief.figures, start=1))
    return f"<div class='{'pairs' if many else 'single'}'>{drawn}</div>\n"


def _figure(figure: Figure, prefix: str, palette: Palette, t: Texts, width: int) -> str:
    svg = to_plain_svg(figure.draw(palette, t), palette, width)
    tall = width == NARROW and _shape(svg) > TALL
    if tall:
        svg = to_plain_svg(figure.draw(palette, t), palette)
    drawn = inline(svg, prefix, _CONTROLS.sub("", figure.description))
    note = f"<span class='note'>{_text(figure.note)}</span>" if figure.note else ""
    opening = "<figure class='wide'>" if tall else "<figure>"
    return f"{opening}<figcaption>{_text(figure.title)}{note}</figcaption>{drawn}</figure>\n"


def _shape(svg: str) -> float:
    """Height of a drawing over its width."""
    _, _, width, height = (float(part) for part in _VIEW.findall(svg)[0].split())
    return height / width


def _table(table: Table, t: Texts) -> str:
    right = set(table.numbers)

    def cells(tag: str, values: Sequence[str]) -> str:
        kinds = (
            " class=number" if place in right else " class=span" if _SPAN.search(value) or len(value) <= SHORT else ""
            for place, value in enumerate(values)
        )
        return "".join(f"<{tag}{kind}>{_text(value)}</{tag[:2]}>" for kind, value in zip(kinds, values, strict=True))

    rows = "".join(f"<tr>{cells('td', row)}</tr>" for row in table.rows)
    notes = [table.note] if table.note else []
    if table.left_out:
        notes.append(t("brief.left_out", n=table.left_out))
    below = f"<p class='note'>{_text(' '.join(notes))}</p>" if notes else ""
    return (
        f"<div class='scroll'><table><caption>{_text(table.title)}</caption>"
        f"<thead><tr>{cells('th scope=col', table.columns)}</tr></thead><tbody>{rows}</tbody></table></div>{below}\n"
    )


def _provenance(brief: Brief, t: Texts) -> str:
    data = _list(brief.data) if brief.data else ""
    runs = "".join(_run(source, t) for source in brief.runs)
    software = dict.fromkeys(", ".join(f"{n} {v}" for n, v in source.libraries.items()) for source in brief.runs)
    below = "".join(
        f"<p class='note'>{_text(t('app.pair', name=t('brief.libraries'), value=line))}</p>"
        for line in software
        if line
    )
    return data + (f"<div class='runs'>{runs}</div>{below}" if runs else f"<p>{_text(t('brief.no_runs'))}</p>")


def _run(source: RunSource, t: Texts) -> str:
    unknown = t("brief.unknown")
    lines = [
        (t("brief.run_id"), _code(source.run_id)),
        (t("brief.status"), _text(_word(t, "run_status", source.status))),
        (t("brief.created"), _text(_moment(source.created))),
        (t("brief.finished"), _text(_moment(source.finished) if source.finished else unknown)),
        (t("brief.models"), "<br>".join(_code(f"{m} @ {r or unknown}") for m, r in source.models.items())),
        (t("brief.prompts"), _code(", ".join(source.prompts) or unknown)),
        (t("brief.rows"), _text(f"{source.rows:,}")),
        (t("brief.hashes"), "<br>".join(_code(f"{name}: {sha}") for name, sha in source.shards.items())),
    ]
    listed = "".join(f"<dt>{_text(name)}</dt><dd>{value or _text(unknown)}</dd>" for name, value in lines)
    return f"<h3>{_text(source.title or source.run_id)}</h3><dl>{listed}</dl>"


def _word(lookup: Texts, family: str, value: str) -> str:
    return lookup(f"{family}.{value}")


def _code(value: str) -> str:
    return f"<code>{_text(value)}</code>"


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _repeat(brief: Brief, t: Texts) -> str:
    parts = []
    commands = list(dict.fromkeys(source.command for source in brief.runs if source.command))
    if commands:
        parts.append(f"<p>{_text(t('brief.repeat_run'))}</p>")
        parts += [f"<pre>{_text(line)}</pre>" for line in commands]
    by_hand = [source.run_id for source in brief.runs if not source.command]
    if by_hand:
        parts.append(f"<p>{_text(t('brief.repeat_by_hand', runs=', '.join(by_hand)))}</p>")
    if brief.view:
        parts.append(f"<p>{_text(t('brief.repeat_view'))}</p><pre>{_text(brief.view)}</pre>")
    return "".join(parts) or f"<p>{_text(t('brief.repeat_none'))}</p>"
