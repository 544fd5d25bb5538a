"""What an endpoint does with what it is asked, measured by requests that differ in one thing each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.errors import BadAnswer, ProviderError, RefusedByProvider
from core.providers.hosted.capabilities import saw
from core.providers.hosted.completions import first_choice, first_token, text_of
from core.providers.hosted.first_word import what_took
from core.providers.hosted.kept_checks import keep_check
from core.providers.hosted.measured import Measured
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.types import Message, Model

_PROMPT = "Choose at random. Which letter?\n\nA. Tea\nB. Coffee\nC. Water\nD. Milk\n\nOne letter:"
_NOBODY = "parallax-no-such-model"
_LONG_WORDS = 40_000
_SAME = 0.02
"""Probabilities nearer than this are the same: servers that compute in parallel differ by less."""


def measure(provider: OpenAILikeProvider, model: Model) -> Measured:
    """Ask ``model`` about ten times, a word or a few each, and tell what its endpoint does.

    It is kept with the endpoint. Later readings ask at temperature 0 where temperature was measured not to change what
    is told. Raises :class:`ProviderError` where not even the first request is answered.
    """
    asking = _Asking(provider, model)
    first = asking.ask()
    choice = first_choice(first, model)
    tokens = first_token(choice, model.chat)
    found: dict[str, Any] = {"served": getattr(first, "model", None), "thinks": False, "token_ids": False}
    if tokens is None:
        found["thinks"] = None
    else:
        shares = _shares(tokens)
        on_labels = sum(share for word, share in shares.items() if word.strip() in tuple("ABCD"))
        took = what_took(tokens, on_labels)
        found |= {"words": len(tokens), "thinks": took == "thought", "token_ids": took == "token_ids"}
        listed = [score for _, score in tokens]
        found["ordered"] = listed == sorted(listed, reverse=True)
        found["chosen_among"] = any(text_of(choice, model)[0].strip() == word.strip() for word in shares)
        found["scaled"] = asking.changes(shares, temperature=0.3)
        found["cut"] = asking.changes(shares, top_p=0.05)
        found["penalised"] = asking.changes(shares, extra_body={"repetition_penalty": 1.8})
        if found["scaled"] is False:
            saw(model, temperature=0.0)
    found["any_name"] = asking.answers(model=_NOBODY)
    several = asking.try_(n=2, temperature=1.0)
    found["several"] = None if several is None else len(several.choices) == 2
    drawn = [asking.text(seed=seed, temperature=1.5, max_tokens=12) for seed in (1, 1, 2, 3)]
    if None not in drawn and len(set(drawn[1:])) > 1:
        found["seeded"] = drawn[0] == drawn[1]
    found["truncates"] = asking.truncates()
    measured = Measured(model_id=model.id, when=datetime.now(UTC), asked=asking.count, **found)
    keep_check(model, measured)
    return measured


class _Asking:
    def __init__(self, provider: OpenAILikeProvider, model: Model) -> None:
        self._provider, self._model, self.count = provider, model, 0

    def ask(self, prompt: str = _PROMPT, **changes: Any) -> Any:
        """The endpoint's answer. Raises :class:`ProviderError`."""
        self.count += 1
        wanted: dict[str, Any] = {"max_tokens": 1, "temperature": 1.0, **changes}
        return self._provider.ask_once(self._model, (Message(role="user", content=prompt),), wanted)

    def try_(self, **changes: Any) -> Any:
        """The same, ``None`` where the endpoint does not take it."""
        try:
            answer = self.ask(**changes)
            first_choice(answer, self._model)
        except (RefusedByProvider, BadAnswer):
            return None
        return answer

    def answers(self, **changes: Any) -> bool | None:
        """Whether the endpoint answers to another name than any that it can know."""
        try:
            first_choice(self.ask(extra_body=changes), self._model)
        except RefusedByProvider:
            return False
        except ProviderError:
            return None
        return True

    def changes(self, before: Mapping[str, float], **changes: Any) -> bool | None:
        """Whether the probabilities that are told differ from those ``before``."""
        answer = self.try_(**changes)
        tokens = None if answer is None else first_token(first_choice(answer, self._model), self._model.chat)
        if tokens is None:
            return None
        after = _shares(tokens)
        common = [word for word in before if word in after]
        return not common or any(abs(before[word] - after[word]) > _SAME for word in common)

    def text(self, **changes: Any) -> str | None:
        """The text of an answer, ``None`` where the endpoint does not take what is asked."""
        answer = self.try_(**changes)
        return None if answer is None else text_of(first_choice(answer, self._model), self._model)[0]

    def truncates(self) -> bool | None:
        """Whether a prompt that no context holds is answered, with fewer words read than it has."""
        try:
            answer = self.ask(f"{'word ' * _LONG_WORDS}\n\n{_PROMPT}")
        except ProviderError:
            return False
        read = getattr(getattr(answer, "usage", None), "prompt_tokens", None)
        return read < _LONG_WORDS if isinstance(read, int) else None


def _shares(tokens: list[tuple[str, float]]) -> dict[str, float]:
    return {word: math.exp(score) for word, score in tokens if math.exp(score) > _SAME / 2}
