"""The address that pupils open, and its QR code. Nothing is sent anywhere to find it."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlencode, urlsplit

import segno

from core.errors import InputError, said

LONGEST = 200
"""Most characters of an address that a teacher types."""
_ELSEWHERE = ("10.255.255.255", 9)
"""Any address outside of this computer. A datagram socket that is set on it sends nothing, but has to choose the
network card, and so the own address, that would be used.
"""


def lan_address() -> str | None:
    """The address of this computer in its own network; ``None`` where it is in no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as card:
        try:
            card.connect(_ELSEWHERE)
            found: str = card.getsockname()[0]
        except OSError:
            return None
    usable = ipaddress.ip_address(found)
    return None if usable.is_loopback or usable.is_unspecified else found


def root_of(address: str) -> str:
    """The address of the app without its page: scheme, host, port and the path before the page.

    Accepts what a teacher types, with or without the scheme. Raises :class:`InputError` for what is no such address.

    >>> root_of("http://192.168.1.20:8501/learn?mode=class")
    'http://192.168.1.20:8501'
    """
    text = address.strip()
    if not text.startswith(("http://", "https://")):
        text = f"http://{text}"
    if len(text) > LONGEST or any(c.isspace() or not c.isprintable() or c in "\\<>\"'`{}|^@" for c in text):
        raise InputError(said("class_address"))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InputError(said("class_address")) from None
    if not host:
        raise InputError(said("class_address"))
    shown = f"[{host}]" if ":" in host else host
    folder = parts.path.rpartition("/")[0]
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{folder}"


def join_address(root: str, code: str = "") -> str:
    """The address at which pupils join the app at ``root``, with the ``code`` in it or without.

    >>> join_address("http://192.168.1.20:8501", "ABCDE")
    'http://192.168.1.20:8501/join?join=ABCDE'
    """
    return f"{root}/join?{urlencode({'join': code})}" if code else f"{root}/join"


def qr_svg(address: str) -> str:
    """A QR code of ``address`` as SVG: black on white, with the quiet zone of four modules that readers need."""
    code = segno.make_qr(address, error="m")
    return str(code.svg_inline(scale=8, border=4, dark="#000", light="#fff", omitsize=True))
