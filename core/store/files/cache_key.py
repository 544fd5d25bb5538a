"""The cache key of an answer: a hash of everything that could change the answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from core.types import Method, OptionRequest, TextRequest, digest


def endpoint_host(endpoint: str | None) -> str | None:
    """Host and port of an endpoint, without user, path and query, which may contain a key."""
    if endpoint is None:
        return None
    parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
    host = parts.hostname or ""
    return f"{host}:{parts.port}" if parts.port else host


def cache_key(
    request: OptionRequest | TextRequest,
    *,
    revision: str | None,
    prompt_version: str,
    method: Method | None = None,
    sample: int = 0,
) -> str:
    """SHA-256 in hex of the canonical JSON of the request and of the model that answers it.

    ``revision`` is the exact version that would answer now. ``method`` is how a distribution is read; ``None`` for a
    text. A parameter that a request does not have is null in the JSON, so that no two parameters can be confused.
    """
    model = request.model
    options = request if isinstance(request, OptionRequest) else None
    return digest(
        {
            "kind": "options" if options else "text",
            "provider": model.provider,
            "endpoint": endpoint_host(model.endpoint),
            "model": model.id,
            "remote": model.remote_id,
            "chat": model.chat,
            "revision": revision,
            "prompt_version": prompt_version,
            "messages": [message.model_dump() for message in request.messages],
            "labels": list(options.labels) if options else None,
            "codes": list(options.codes) if options else None,
            "sampling": {
                "temperature": request.temperature,
                "top_p": request.top_p if isinstance(request, TextRequest) else None,
                "seed": request.seed,
                "max_tokens": request.max_tokens if isinstance(request, TextRequest) else None,
                "samples": options.samples if options else None,
            },
            "method": method,
            "sample": sample,
        }
    )
