"""The providers: ways to reach models.

A new provider is one file in this folder and one line here; another package adds one as an entry point.
"""

from __future__ import annotations

import threading

from core.once import once
from core.providers.base import Provider
from core.registry import Registry


def _local() -> Provider:
    from core.providers.local.provider import LocalProvider

    return LocalProvider()


def _mock() -> Provider:
    from core.providers.mock import MockProvider
    from core.settings import settings

    return MockProvider(delay_s=settings().mock_delay_s)


def _openai_like() -> Provider:
    from core.providers.hosted.openai_like import OpenAILikeProvider

    return OpenAILikeProvider()


def _anthropic() -> Provider:
    from core.providers.hosted.anthropic import AnthropicProvider

    return AnthropicProvider()


PROVIDERS: Registry[Provider] = Registry(
    "provider",
    {"local": _local, "openai_like": _openai_like, "anthropic": _anthropic, "mock": _mock},
    "parallax.providers",
    Provider,
)


_one_at_a_time = threading.RLock()


def get_provider(name: str) -> Provider:
    """The provider called ``name``. There is one a process, even where several threads ask for it at first.

    Raises :class:`~core.errors.InputError` for an unknown name.
    """
    with _one_at_a_time:
        return _made(name)


@once
def _made(name: str) -> Provider:
    return PROVIDERS[name]()
