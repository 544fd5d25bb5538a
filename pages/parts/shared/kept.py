"""Caches frames of pages on disk, so that what takes seconds is computed once a computer and not at every start."""

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from core.kept_frames import KeptFrames, code_of, kept_name
from core.once import once
from core.settings import settings
from core.surveys.private import private_state
from core.types import digest
from core.types.plain import Frozen
from pages.parts.shared import resources
from pages.parts.shared.dilemmas import corpus

FOLDER = "frames"
"""The folder inside the cache folder. It may be deleted at any time."""

_PAGES = Path(__file__).resolve().parents[2]
P = ParamSpec("P")
R = TypeVar("R")


def kept(compute: Callable[P, R]) -> Callable[P, R]:
    """Decorate ``compute``, a function that returns frames, so that its result is read from disk where it is there.

    The arguments of ``compute`` are values that JSON can express; it returns one frame, or frames by name, which it
    computes from the runs of the store. Put the decorator below ``st.cache_data``, which keeps the result in memory.
    """
    return _kept(compute, lambda contents, _: contents)


def kept_of_run(compute: Callable[P, R]) -> Callable[P, R]:
    """As :func:`kept`, for a function of one run or a few, whose id or tuple of ids is the first argument."""
    return _kept(compute, _contents_of)


def kept_of_data(compute: Callable[P, R]) -> Callable[P, R]:
    """As :func:`kept`, for a function that computes from shipped data alone, no run, model or survey data of the user.

    It does not open the store.
    """

    @wraps(compute)
    def found(*given: P.args, **named: P.kwargs) -> R:
        if not settings().keep_frames:
            return compute(*given, **named)
        return _found(_named(compute, [given, named, _code()]), lambda: compute(*given, **named))

    return found


def _contents_of(contents: dict[str, list[str]], given: tuple[Any, ...]) -> object:
    named = given[0]
    return contents.get(named) if isinstance(named, str) else [contents.get(name) for name in named]


def _kept(
    compute: Callable[P, R], rests_on: Callable[[dict[str, list[str]], tuple[Any, ...]], object]
) -> Callable[P, R]:
    @wraps(compute)
    def found(*given: P.args, **named: P.kwargs) -> R:
        contents = resources.store().contents() if settings().keep_frames else None
        if contents is None:
            return compute(*given, **named)
        name = _named(compute, [given, named, rests_on(contents, given), _beside_runs(), _code()])
        return _found(name, lambda: compute(*given, **named))

    return found


def _named(compute: Callable[..., object], depends_on: list[object]) -> str:
    return kept_name(f"{compute.__module__}.{compute.__qualname__}", depends_on)


def _found(name: str, compute: Callable[[], R]) -> R:
    folder = KeptFrames(settings().frames_dir or settings().cache_dir / FOLDER)
    frames: Any = folder.get(name)
    if frames is None:
        frames = compute()
        folder.put(name, frames)
    return frames  # type: ignore[no-any-return]


def _beside_runs() -> str:
    """A digest of what frames depend on beside runs: models, questions, dilemmas, and survey data of the user."""
    nouns = {"models": resources.models(), "questions": resources.questions(), "dilemmas": corpus()[0]}
    return digest([*(_DIGESTS[kind].of(found) for kind, found in nouns.items()), private_state()])


class NounDigest:
    """The digest of nouns by name. While they are the same objects as the last time, it is not made again.

    Nouns cannot change, and hundreds of them take longer to write as JSON than most changes of a page.
    """

    def __init__(self) -> None:
        self._last: tuple[dict[str, Frozen], str] | None = None

    def of(self, nouns: Mapping[str, Frozen]) -> str:
        """The digest of ``nouns``."""
        last = self._last
        if last is not None and last[0].keys() == nouns.keys() and all(nouns[n] is one for n, one in last[0].items()):
            return last[1]
        found = digest({name: noun.model_dump(mode="json") for name, noun in nouns.items()})
        self._last = dict(nouns), found
        return found


_DIGESTS = {kind: NounDigest() for kind in ("models", "questions", "dilemmas")}


@once
def _code() -> str:
    """The code of the pages, whose functions compute what is kept; that of core is part of every name."""
    return code_of(_PAGES)
