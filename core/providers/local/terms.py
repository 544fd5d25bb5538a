"""Terms of use of weights: read from a package on the index, shown, accepted, and the acceptance stored."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from core.cancel import CancelToken
from core.errors import DataError, Unreachable, said
from core.providers.local.fetch import fetch_wheel
from core.settings import settings
from core.types import Terms

FetchWheel = Callable[..., Path]
_NAME = "accepted_terms.json"
_HIDDEN = ("script", "style", "head", "nav", "header", "footer", "button", "devsite-feedback")
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "li", "br", "div", "tr")


class Acceptance(NamedTuple):
    """When terms were accepted (ISO 8601, UTC), and the SHA-256 of the page that was shown."""

    date: str
    sha256: str


def read_terms(terms: Terms, cancel: CancelToken | None = None, fetch: FetchWheel = fetch_wheel) -> str:
    """The text of ``terms``, which is fetched once and stored in the cache folder.

    Raises :class:`Unreachable`, :class:`DataError` where the page is not the expected one, and :class:`Cancelled`.
    """
    kept = settings().cache_dir / "terms" / f"{terms.sha256}.html"
    if not _is_page(kept, terms.sha256):
        if settings().offline:
            raise Unreachable(said("terms_offline", terms=terms.title, link=terms.link))
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent, ignore_cleanup_errors=True) as work:
            wheel = fetch(terms.wheel, terms.bytes, Path(work), lambda share: None, cancel)
            try:
                with zipfile.ZipFile(wheel) as archive:
                    page = archive.read(terms.member)
            except KeyError as error:
                raise DataError(said("wheel_lacks", file=wheel.name, member=terms.member)) from error
            except (zipfile.BadZipFile, EOFError) as error:
                raise DataError(said("wheel_damaged", file=wheel.name)) from error
            found = hashlib.sha256(page).hexdigest()
            if found != terms.sha256:
                raise DataError(said("wrong_hash", file=terms.title, found=found, expected=terms.sha256))
            fresh = Path(work) / "page"
            fresh.write_bytes(page)
            fresh.replace(kept)
    return words_of(kept.read_text("utf-8", errors="replace"))


def accepted(terms: Terms) -> Acceptance | None:
    """When exactly these terms were accepted on this computer; ``None`` where they were not."""
    entry = _read().get(terms.sha256)
    return Acceptance(str(entry["date"]), terms.sha256) if isinstance(entry, dict) and "date" in entry else None


def accept(terms: Terms) -> Acceptance:
    """Store that ``terms`` were accepted now."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = {"title": terms.title, "link": terms.link, "date": datetime.now(UTC).isoformat(timespec="seconds")}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({**_read(), terms.sha256: entry}, indent=2) + "\n", "utf-8")
    fresh.replace(path)
    return Acceptance(entry["date"], terms.sha256)


def words_of(page: str) -> str:
    """The text of the main part of an HTML page, a paragraph a line, without navigation and scripts."""
    reader = _Words()
    reader.feed(page)
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(reader.found).split("\n"))
    return "\n\n".join(line for line in lines if line)


class _Words(HTMLParser):
    """Collects the text that a reader sees; only that inside ``article`` where the page has one."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden: list[str] = []
        self._in_article = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "article" and not self._in_article:
            self._in_article = True
            self.found.clear()
            self._hidden.clear()
        if tag in _HIDDEN:
            self._hidden.append(tag)
        if tag in _BLOCKS and not self._hidden:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._hidden.append(tag)  # what follows the article is not part of the text
        elif self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data.replace("\n", " "))


def _is_page(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def _path() -> Path:
    # In the folder of the runs, because the user may delete the cache folder.
    return settings().runs_dir.parent / _NAME


def _read() -> dict[str, Any]:
    try:
        found: Any = json.loads(_path().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DataError(said("terms_unreadable", file=_path())) from error
    return found if isinstance(found, dict) else {}
