"""Before a run asks a typed endpoint for the first time, what that endpoint does is measured."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from core.cancel import CancelToken
from core.errors import ProviderError
from core.providers.base import Provider
from core.providers.hosted.endpoints import TYPED
from core.providers.hosted.kept_checks import kept_check
from core.providers.hosted.measure import measure
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.types import Model

log = logging.getLogger(__name__)


def measure_typed(
    models: Iterable[Model], provider_of: Callable[[str], Provider], cancel: CancelToken | None = None
) -> list[str]:
    """Measure, in brief, each typed endpoint among ``models`` of which nothing is kept yet; the ids of those.

    One that does not answer is left to the run, which tells why. Raises :class:`~core.errors.Cancelled`.
    """
    done = []
    for model in models:
        if not model.id.startswith(TYPED) or kept_check(model) is not None:
            continue
        provider = provider_of(model.provider)
        if not isinstance(provider, OpenAILikeProvider):
            continue
        try:
            measure(provider, model, cancel, brief=True)
        except ProviderError as error:
            log.info("the endpoint of %s was not measured: %s", model.id, error.message)
            continue
        done.append(model.id)
    return done
