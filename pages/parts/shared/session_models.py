"""What one session alone has: the keys that its visitor typed and the endpoints added. Neither is written to disk."""

from collections.abc import Callable
from contextvars import ContextVar

import streamlit as st

from core.errors import InputError
from core.providers.hosted.endpoints import TYPED, check_endpoint
from core.providers.hosted.keys import SESSION, KeyRing
from core.settings import settings
from core.types import Capabilities, Model, Origin, digest
from pages.parts.shared.context_value import T, with_value
from pages.parts.shared.texts import t

_RING = "session_keys"
_MODELS = "session_models"
_TOP_K = 20
_LONGEST = 200
_GIVEN_MODELS: ContextVar[dict[str, Model] | None] = ContextVar("models", default=None)


def key_ring() -> KeyRing:
    """The keys typed in this session."""
    ring: KeyRing = st.session_state.setdefault(_RING, KeyRing())
    return ring


def session_models() -> dict[str, Model]:
    """Models added in this session, by id."""
    given = _GIVEN_MODELS.get()
    return dict(st.session_state.get(_MODELS, {}) if given is None else given)


def keeping_models(work: Callable[[], T]) -> Callable[[], T]:
    """``work`` to be called later with the models of this session.

    Streamlit writes a download in a thread that knows no session.
    """
    return with_models(work, session_models())


def with_models(work: Callable[[], T], models: dict[str, Model]) -> Callable[[], T]:
    """``work`` to be called in a thread without a session, as if a session had added ``models``."""
    return with_value(_GIVEN_MODELS, models, work)


def add_endpoint(name: str, address: str, remote_id: str, key: str, origin: str, developer: str) -> Model:
    """Add a model behind an endpoint to this session, with its key if it needs one.

    The id is a hash of the address and of the model's name there, so that a later session finds the answers that this
    one measured. Raises :class:`InputError` where the address cannot be used, a name is missing or too long, or the
    app is public.
    """
    if settings().public:
        raise InputError(t("public.models"))
    endpoint, remote = check_endpoint(address), remote_id.strip()
    if not remote or len(remote) > _LONGEST or len(name) > _LONGEST or len(developer) > _LONGEST:
        raise InputError(t("endpoint.no_id"), t("endpoint.no_id_hint"))
    place = f"{TYPED}{digest([endpoint, remote], 10)}"
    variable = f"{SESSION}{place}"
    if key.strip():
        key_ring().put(variable, key)
    else:
        key_ring().forget(variable)
    model = Model(
        id=place,
        name=name.strip() or remote,
        provider="openai_like",
        endpoint=endpoint,
        remote_id=remote,
        origin=Origin(base=origin, tuner=origin),
        developer=developer.strip() or t("endpoint.unknown"),
        family=t("endpoint.family"),
        capabilities=Capabilities(logprobs="top_k", top_k=_TOP_K),
        link=endpoint,
        key_variable=variable if key.strip() else None,
    )
    st.session_state[_MODELS] = {**session_models(), place: model}
    return model


def remove_endpoint(model: Model) -> None:
    """Remove an added model from this session, and its key."""
    key_ring().forget(model.key_variable or "")
    st.session_state[_MODELS] = {name: kept for name, kept in session_models().items() if name != model.id}
