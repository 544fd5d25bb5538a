"""Which addresses the app may be told to call.

The app runs on someone's machine, sometimes inside a private network; an address that a reader types must not let
them look around there. Loopback is allowed to whoever sits at that machine, since that is where models of one's own
are served. Hosts named in the setting ``allowed_hosts`` may be called wherever they are.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from urllib.parse import urlsplit

from core.errors import InputError, Unreachable, said
from core.providers.hosted.reserved import reserved
from core.settings import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LONGEST = 2_000
TYPED = "own-"
"""How the ids of models begin whose endpoint somebody typed: the catalogue says nothing of these."""

_bound = {"openly": False}


def bound_to(address: str | None) -> None:
    """Tell at which ``address`` this process serves the app; an empty one stands for every address that it has.

    Where others can reach it, addresses of this computer are no longer called, unless a setting allows them.
    """
    host = (address or "").strip("[]")
    _bound["openly"] = not (host and is_near(host))


def is_near(host: str) -> bool:
    """Whether ``host`` is this computer, as seen from itself."""
    literal = _literal(host.lower())
    return host.lower().rstrip(".") == "localhost" if literal is None else _plainest(literal).is_loopback


def loopback_allowed() -> bool:
    """Whether endpoints on this computer may be called."""
    now = settings()
    if now.loopback_endpoints is not None:
        return now.loopback_endpoints
    return not (now.public or _bound["openly"])


def check_endpoint(url: str) -> str:
    """``url`` stripped, without a slash at its end. Raises :class:`InputError` where it may not be called.

    Only http and https; no user, password, query or fragment in it; never the addresses at which cloud machines keep
    their own secrets; private networks only with the setting ``private_endpoints``. A name is not looked up here: see
    :func:`check_address`.
    """
    text = url.strip()
    # Readers of addresses disagree on these: one takes for the host what another takes for the path.
    if len(text) > _LONGEST or any(c.isspace() or not c.isprintable() or c in '\\<>"`{}|^' for c in text):
        raise InputError(said("address_unreadable"))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(said("address_unreadable")) from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise InputError(said("address_scheme"))
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InputError(said("address_parts"))
    if _is_allowed(host, port):
        return text.rstrip("/")
    name = _folded(host)
    if name in reserved().names:
        raise _refused(host)
    literal = _literal(name)
    if literal is not None:
        _check(literal, host)
    elif is_near(name) or name.endswith(".localhost"):
        _check(ipaddress.ip_address("127.0.0.1"), host)
    return text.rstrip("/")


def check_address(url: str) -> None:
    """Look up the host of ``url`` and refuse it where any of its addresses is.

    Raises :class:`InputError` for such an address and :class:`Unreachable` for a name that nobody knows.
    """
    addresses(url)


def addresses(url: str) -> tuple[str, ...]:
    """The addresses of the host of ``url``, each of which may be called; raises as :func:`check_address` does.

    Whoever connects takes one of these: a name could stand for another address when it is looked up again.
    """
    parts = urlsplit(check_endpoint(url))
    host = parts.hostname or ""
    literal = _literal(_folded(host))
    if literal is not None:
        return (str(literal),)
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(said("host_unknown", host=host)) from error
    told = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not _is_allowed(host, parts.port):
        for address in told:
            _check(ipaddress.ip_address(address.split("%")[0]), host)
    return told


def _is_allowed(host: str, port: int | None) -> bool:
    return not settings().hosts.isdisjoint({host, f"{host}:{port}"})


def _folded(host: str) -> str:
    """``host`` as those who connect read it: full-width letters and digits are plain ones, a last dot is nothing."""
    return unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".").lower()


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        pass
    try:  # "127.1", "2130706433" and "0x7f000001" are addresses too, to those who connect
        return ipaddress.ip_address(socket.inet_aton(host))
    except (OSError, UnicodeError, ValueError):
        return None


def _plainest(address: Address) -> Address:
    """The address of the older kind that an IPv6 one stands for, else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _check(address: Address, host: str) -> None:
    address = _plainest(address)
    table = reserved()
    if table.is_metadata(address) or address.is_link_local or address.is_multicast or address.is_unspecified:
        raise _refused(host)
    if address.is_loopback:
        if loopback_allowed():
            return
        raise InputError(said("host_here", host=host))
    if (not address.is_global or table.is_reserved(address)) and not settings().private_endpoints:
        raise InputError(said("host_private", host=host))


def _refused(host: str) -> InputError:
    return InputError(said("host_refused", host=host))
