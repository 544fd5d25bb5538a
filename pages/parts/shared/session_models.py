"""What belongs to this session alone: typed keys and added endpoints. Neither is written anywhere."""

from collections.abc import Callable
from contextvars import ContextVar

import streamlit as st

from core.errors import InputError
from core.providers.hosted.endpoints import check_endpoint
from core.providers.hosted.keys import SESSION, KeyRing
from core.runs.check_first import TYPED
from core.settings import settings
from core.types import Capabilities, Model, Origin, digest
from pages.parts.shared.texts import t
from pages.parts.shared.value_of_now import T, holding

_RING = "session_keys"
_MODELS = "session_models"
_TOP_K = 20
_LONGEST = 200
_KEPT: ContextVar[dict[str, Model] | None] = ContextVar("kept_models", default=None)


def key_ring() -> KeyRing:
    """The keys typed in this session."""
    ring: KeyRing = st.session_state.setdefault(_RING, KeyRing())
    return ring


def session_models() -> dict[str, Model]:
    """Models added in this session, by id."""
    kept = _KEPT.get()
    return dict(st.session_state.get(_MODELS, {}) if kept is None else kept)


def keeping_models(work: Callable[[], T]) -> Callable[[], T]:
    """``work`` for later, with the models of now: a download is written where no session can be asked."""
    return with_models(work, session_models())


def with_models(work: Callable[[], T], models: dict[str, Model]) -> Callable[[], T]:
    """``work`` for where there is no session, as one that has added ``models``."""
    return holding(_KEPT, models, work)


def add_endpoint(name: str, address: str, remote_id: str, key: str, origin: str, developer: str) -> Model:
    """Add a model behind an endpoint to this session, with its key if it has one.

    Raises :class:`InputError`. The id follows from the address and the model's name there, so that answers measured
    in an earlier session are found again.
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
    """Take an added model away, and its key."""
    key_ring().forget(model.key_variable or "")
    st.session_state[_MODELS] = {name: kept for name, kept in session_models().items() if name != model.id}
