"""Sends requests to the address that was checked, without a proxy where the endpoint is this computer, and once.

The SDKs repeat a request that took too long, while a slow server still works on the first. Such a request is therefore
answered here with a response that says not to repeat it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from core.errors import InputError, Said, Unreachable, said
from core.providers.hosted.body import PACKED, Bounded
from core.providers.hosted.endpoints import addresses, is_near

TIMED_OUT = {"x-should-retry": "false", "x-parallax": "timed-out"}
"""Headers of the response that stands for an answer that did not come in time."""
_KNOWN = ("http", "https", "socks5", "socks5h")
_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def proxy_for(endpoint: str) -> str | None:
    """The proxy for ``endpoint`` from the environment; ``None`` where it is reached directly.

    This computer and the hosts of ``NO_PROXY`` are always reached directly. Raises :class:`Unreachable` that names the
    variable where its value cannot be used.
    """
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if is_near(host) or proxy_bypass(host):
        return None
    found = getproxies()
    value = found.get(parts.scheme) or found.get("all")
    if not value:
        return None
    value = value if "://" in value else f"http://{value}"
    if problem := problem_of(value):
        name = f"{parts.scheme}_proxy" if parts.scheme in found else "all_proxy"
        raise Unreachable(said("proxy_unusable", variable=name.upper(), reason=problem))
    return value


def problem_of(proxy: str) -> Said | None:
    """Why the address of a proxy cannot be used; ``None`` where it can."""
    try:
        parts = urlsplit(proxy)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return said("proxy_unreadable")
    if parts.scheme not in _KNOWN or not host:
        return said("proxy_scheme", scheme=parts.scheme, known=", ".join(_KNOWN))
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        return said("proxy_socks")
    return None


def proxies() -> dict[str, str]:
    """The variables that name a proxy, each with host and port; user and password are left out."""
    told = {}
    for name in (*_VARIABLES, "NO_PROXY"):
        value = os.environ.get(name.lower()) or os.environ.get(name)
        if value:
            scheme, apart, rest = value.partition("://")
            told[name] = f"{scheme}{apart}{rest.rsplit('@', 1)[-1]}" if apart else value.rsplit("@", 1)[-1]
    return told


def has_ended(response: Any) -> bool:
    """Whether a stream of events was read up to the mark of its end."""
    body = response.extensions.get("parallax_body")
    return body is None or b"[DONE]" in body.tail


def seconds_of(response: Any) -> float:
    """The seconds until the server began to answer; 0 where they were not measured."""
    return float(response.extensions.get("parallax_seconds", 0.0))


def make_transport(endpoint: str) -> Any:
    """The transport of a client for ``endpoint``.

    Raises :class:`Unreachable` for a proxy or a file of certificates that cannot be used.
    """
    import httpx2

    proxy = proxy_for(endpoint)
    try:
        inner = httpx2.HTTPTransport(proxy=proxy) if proxy else httpx2.HTTPTransport()
    except (OSError, ValueError) as error:
        variable = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), "HTTPS_PROXY")
        raise Unreachable(said("proxy_unusable", variable=variable, reason=str(error))) from error

    class Body(Bounded, httpx2.SyncByteStream):
        """A bounded body, as the client's library reads it."""

        def __iter__(self) -> Iterator[bytes]:
            return self.pieces()

    class Transport(httpx2.BaseTransport):
        """Connects to an address that was checked for this request. A proxy looks up the address itself."""

        def handle_request(self, request: Any) -> Any:
            begun = time.monotonic()
            request.headers["accept-encoding"] = PACKED
            try:
                answer = self._send(request)
                answer.extensions["parallax_seconds"] = time.monotonic() - begun
                packing = answer.headers.pop("content-encoding", "")  # the body is unpacked here, not once more
                answer.stream = answer.extensions["parallax_body"] = Body(answer.stream, packing)
                return answer
            except httpx2.ReadTimeout:
                return httpx2.Response(
                    408, headers=TIMED_OUT, json={"error": {"message": "timed out"}}, request=request
                )

        def _send(self, request: Any) -> Any:
            if proxy:
                return inner.handle_request(request)
            host = request.url.host
            try:
                found = addresses(str(request.url.copy_with(path="/", query=None)))
            except (InputError, Unreachable) as error:
                raise httpx2.ConnectError(error.message, request=request) from error
            for place, address in enumerate(found):
                there = httpx2.Request(
                    request.method,
                    request.url.copy_with(host=address),
                    headers=request.headers,  # the name of the host stays in them
                    stream=request.stream,
                    extensions={**request.extensions, "sni_hostname": host},
                )
                try:
                    return inner.handle_request(there)
                except httpx2.ConnectError:
                    if place + 1 == len(found):
                        raise
            raise httpx2.ConnectError(f"{host} has no address", request=request)

        def close(self) -> None:
            inner.close()

    return Transport()
