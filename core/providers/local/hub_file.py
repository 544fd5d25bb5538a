"""Fetches one file from the model hub, and continues where an earlier fetch stopped."""

from __future__ import annotations

import logging
import re
from typing import NamedTuple

from core.cancel import CancelToken, check_cancel
from core.errors import Unreachable, said
from core.providers.local.fetch import Report
from core.providers.local.partial import Partial
from core.types import HubFile

log = logging.getLogger(__name__)

_ANSWER_S = 4.0
_READ_S = 30.0
_SHA256 = re.compile(r"[0-9a-f]{64}")


class HubFacts(NamedTuple):
    """What the hub says of a file before it is fetched: its address, size in bytes and SHA-256."""

    address: str
    size: int
    sha256: str


def ask_hub(place: HubFile) -> HubFacts | None:
    """The facts of ``place``; ``None`` where the hub does not answer within seconds or gives no SHA-256."""
    from httpx2 import HTTPError
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    try:
        address = hf_hub_url(place.hub, place.file, revision=place.revision)
        facts = get_hf_file_metadata(address, timeout=_ANSWER_S)
    except (OSError, ValueError, HTTPError) as error:
        log.info("The hub does not give %s of %s: %s", place.file, place.hub, type(error).__name__)
        return None
    digest = (facts.etag or "").lower()
    if not facts.size or not _SHA256.fullmatch(digest):
        log.info("The hub tells no SHA-256 of %s of %s", place.file, place.hub)
        return None
    return HubFacts(address, facts.size, digest)


def fetch_hub_file(facts: HubFacts, partial: Partial, report: Report, cancel: CancelToken | None) -> None:
    """Append the missing rest of the file to ``partial``. ``report`` gets the share that is there, 0..1.

    Raises :class:`Unreachable` where the connection breaks (what was fetched is kept), and :class:`Cancelled`.
    """
    import httpx2
    from huggingface_hub.utils._headers import build_hf_headers

    have = partial.length
    headers = {**build_hf_headers(), "Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    timeout = httpx2.Timeout(_READ_S, connect=_ANSWER_S)
    try:
        with httpx2.stream("GET", facts.address, headers=headers, timeout=timeout, follow_redirects=True) as answer:
            answer.raise_for_status()
            if have and answer.status_code != 206:  # the server sends the whole file again
                partial.clear()
            with partial.path.open("ab") as file:
                for block in answer.iter_bytes():
                    check_cancel(cancel)
                    file.write(block)
                    report(min(file.tell() / facts.size, 1.0))
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        log.info("The hub's file broke off: %s", type(error).__name__)
        raise Unreachable(said("hub_broke_off")) from error
