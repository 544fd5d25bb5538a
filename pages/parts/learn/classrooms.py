"""The classrooms of this server, and which one this browser teaches or sits in."""

from urllib.parse import urlsplit

import streamlit as st

from core.classroom import Classroom, Classrooms, join_address, lan_address, root_of
from core.providers.hosted.endpoints import is_near
from pages.parts.shared import links

CLASS, KEY = "class", "host"
"""Where the teacher's browser keeps the code of the lesson and the key to it, in the session and in the URL.

They stand in the URL so that a page that is loaded anew finds the lesson again.
"""
JOIN, ME = "join", "me"
"""Where a pupil's browser keeps the code of the lesson and the token of its place."""


@st.cache_resource(show_spinner=False)
def classrooms() -> Classrooms:
    """All classrooms of the process."""
    return Classrooms()


def take_up(*names: str) -> None:
    """Take up ``names`` from the URL, once."""
    for name in names:
        if name not in st.session_state and st.query_params.get(name):
            st.session_state[name] = st.query_params[name]


def taught() -> Classroom | None:
    """The classroom that this browser teaches; ``None`` where there is none or it has ended."""
    take_up(CLASS, KEY)
    code, key = st.session_state.get(CLASS), st.session_state.get(KEY)
    return classrooms().taught(str(code), str(key)) if code and key else None


def begin() -> None:
    """Open a classroom for this browser. Raises :class:`~core.errors.InputError` where none can be opened."""
    room = classrooms().open(st.context.ip_address)
    st.session_state[CLASS], st.session_state[KEY] = room.code, room.key


def leave(*names: str) -> None:
    """Forget ``names`` in the session and in the URL."""
    for name in names:
        st.session_state.pop(name, None)
        st.query_params.pop(name, None)


def usual_root() -> str:
    """The address of the app as this browser reaches it, with the address of this computer in the network for itself.

    A teacher who sits at the computer that runs the app opens ``localhost``, which leads a phone nowhere.
    """
    here = urlsplit(root_of(links.base() or "http://localhost"))
    found = lan_address() if is_near(here.hostname or "") else None
    port = f":{here.port}" if here.port else ""
    return (here._replace(netloc=f"{found}{port}") if found else here).geturl()


def reachable() -> bool:
    """Whether the server listens to other computers at all."""
    bound = str(st.get_option("server.address") or "").strip("[]")
    return not (bound and is_near(bound))


def address_for(root: str, code: str) -> tuple[str, str]:
    """The address in the QR code, and the one to be typed, without scheme and code."""
    return join_address(root, code), join_address(root).split("://", 1)[1]
