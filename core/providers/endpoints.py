"""Which addresses the app may be told to call.

The app runs on someone's machine, sometimes inside a private network; an address that a reader types must not let
them look around there. Loopback is allowed, since that is where models of one's own are served.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from core.errors import InputError, Unreachable
from core.settings import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_METADATA = frozenset({"169.254.169.254", "100.100.100.200", "fd00:ec2::254"})
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data"})


def check_endpoint(url: str) -> str:
    """``url`` stripped, without a slash at its end. Raises :class:`InputError` where it may not be called.

    Only http and https; no user, password, query or fragment in it; never the addresses at which cloud machines keep
    their own secrets; private networks only with the setting ``private_endpoints``. A name is not looked up here: see
    :func:`check_address`.
    """
    text = url.strip()
    hint = "Write it as https://host/v1, or http://localhost:8000/v1 for a model of your own."
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError("This address cannot be read.", hint) from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise InputError("An endpoint is an address that starts with http:// or https://.", hint)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InputError("An endpoint has no user, password, query or fragment in it.", "Type the key in its own box.")
    if host.rstrip(".").lower() in _METADATA_NAMES:
        raise _refused(host)
    literal = _literal(host)
    if literal is not None:
        _check(literal, host)
    return text.rstrip("/")


def check_address(url: str) -> None:
    """Look up the host of ``url`` and refuse it where any of its addresses is.

    Raises :class:`InputError` for such an address and :class:`Unreachable` for a name that nobody knows.
    """
    host = urlsplit(check_endpoint(url)).hostname or ""
    if _literal(host) is not None:
        return
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(
            f"The address of {host} could not be found.", "Check its spelling and the network connection."
        ) from error
    for entry in found:
        _check(ipaddress.ip_address(str(entry[4][0]).split("%")[0]), host)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        pass
    try:  # "127.1", "2130706433" and "0x7f000001" are addresses too, to those who connect
        return ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        return None


def _check(address: Address, host: str) -> None:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if str(address) in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        raise _refused(host)
    if address.is_loopback or address.is_global:
        return
    if not settings().private_endpoints:
        raise InputError(
            f"{host} is an address in a private network, and those are not allowed here.",
            "Whoever runs the app can allow them with PARALLAX_PRIVATE_ENDPOINTS=1.",
        )


def _refused(host: str) -> InputError:
    return InputError(f"The app does not call {host}.", "Give the address of a model's endpoint.")
