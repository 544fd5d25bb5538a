"""What an endpoint does with what it is asked, measured by requests that differ in one thing each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.cancel import CancelToken, check_cancel
from core.errors import BadAnswer, ProviderError, RefusedByProvider
from core.providers.hosted.capabilities import saw
from core.providers.hosted.completions import first_choice, first_token, text_of
from core.providers.hosted.first_word import spelled, what_took
from core.providers.hosted.kept_checks import keep_check, kept_check
from core.providers.hosted.measured import Measured
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.providers.hosted.token_marks import beginnings, marked, nameless, told_words
from core.types import Message, Model

_PROMPT = "Choose at random. Which letter?\n\nA. Tea\nB. Coffee\nC. Water\nD. Milk\n\nOne letter:"
_CHINESE = "请随便写一个汉字，只写一个字："
_DRAWS = 4
_NOBODY = "parallax-no-such-model"
_LONG_WORDS = 40_000
_BIAS = {str(token): -100 for token in range(300)}
"""Against the first tokens of a vocabulary, single letters among them in most; more are refused by some endpoints."""
_SAME = 0.02
"""Probabilities nearer than this are the same: servers that compute in parallel differ by less."""


def measure(
    provider: OpenAILikeProvider, model: Model, cancel: CancelToken | None = None, brief: bool = False
) -> Measured:
    """Ask ``model`` up to twenty times, a word or a few each, and tell what its endpoint does.

    It is kept with the endpoint. Later readings ask at temperature 0 where temperature was measured not to change what
    is told. A ``brief`` check leaves out the long prompt and what only samples need (``truncates``, ``several``,
    ``seeded``, ``displaced``, ``biased``), and does not replace a whole one that was kept. Raises
    :class:`ProviderError` where not even the first request is answered, and :class:`~core.errors.Cancelled`.
    """
    asking = _Asking(provider, model, cancel)
    first = asking.ask()
    choice = first_choice(first, model)
    tokens = first_token(choice, model.chat)
    found: dict[str, Any] = {"served": getattr(first, "model", None), "thinks": False, "token_ids": False}
    if tokens is None:
        found["thinks"] = None
    else:
        found |= _of_words(asking, choice, tokens, brief)
        if found["scaled"] is False:
            saw(model, temperature=0.0)
    found["any_name"] = asking.answers(model=_NOBODY)
    found["begun"] = asking.begun()
    if not brief:
        several = asking.try_(n=2, temperature=1.0)
        found["several"] = None if several is None else len(several.choices) == 2
        drawn = [asking.text(seed=seed, temperature=1.5, max_tokens=12) for seed in (1, 1, 2, 3)]
        if None not in drawn and len(set(drawn[1:])) > 1:
            found["seeded"] = drawn[0] == drawn[1]
        found["truncates"] = asking.truncates()
    measured = Measured(model_id=model.id, when=datetime.now(UTC), asked=asking.count, brief=brief, **found)
    before = kept_check(model)
    if not brief or before is None or before.brief:
        keep_check(model, measured)
    return measured


def _of_words(asking: _Asking, choice: Any, tokens: list[tuple[str, float]], brief: bool) -> dict[str, Any]:
    """What the likely words of one answer, and of others that differ in one thing, tell."""
    shares = _shares(tokens)
    on_labels = sum(share for word, share in shares.items() if word.strip() in tuple("ABCD"))
    took = what_took(tokens, on_labels)
    listed = [score for _, score in tokens]
    chinese = asking.try_(prompt=_CHINESE, temperature=0.0)
    return {
        "words": len(tokens),
        "thinks": took == "thought",
        "token_ids": took == "token_ids",
        "ordered": listed == sorted(listed, reverse=True),
        "chosen_among": any(text_of(choice, asking.model)[0].strip() == word.strip() for word in shares),
        "scaled": asking.changes(shares, temperature=0.3),
        "cut": asking.changes(shares, top_p=0.05),
        "few": asking.changes(shares, extra_body={"top_k": 1}),
        "penalised": asking.changes(shares, extra_body={"repetition_penalty": 1.8}),
        "biased": None if brief else asking.changes(shares, logit_bias=_BIAS) or None,
        "displaced": None if brief else asking.displaces(shares),
        "marked": marked(choice),
        "nameless": None if chinese is None else nameless(first_choice(chinese, asking.model)),
    }


class _Asking:
    def __init__(self, provider: OpenAILikeProvider, model: Model, cancel: CancelToken | None) -> None:
        self._provider, self.model, self._cancel, self.count = provider, model, cancel, 0

    def ask(self, prompt: str = _PROMPT, **changes: Any) -> Any:
        """The endpoint's answer. Raises :class:`ProviderError`."""
        check_cancel(self._cancel)
        self.count += 1
        wanted: dict[str, Any] = {"max_tokens": 1, "temperature": 1.0, **changes}
        return self._provider.ask_once(self.model, (Message(role="user", content=prompt),), wanted)

    def begun(self) -> int | None:
        """With how many marks of the beginning the prompt was read, where the endpoint tells the tokens of a prompt."""
        tells = {"extra_body": {"prompt_logprobs": 0}} if self.model.chat else {"echo": True}
        return beginnings(self.try_(**tells))

    def try_(self, **changes: Any) -> Any:
        """The same, ``None`` where the endpoint does not take it."""
        try:
            answer = self.ask(**changes)
            first_choice(answer, self.model)
        except (RefusedByProvider, BadAnswer):
            return None
        return answer

    def answers(self, **changes: Any) -> bool | None:
        """Whether the endpoint answers to another name than any that it can know."""
        try:
            first_choice(self.ask(extra_body=changes), self.model)
        except RefusedByProvider:
            return False
        except ProviderError:
            return None
        return True

    def changes(self, before: Mapping[str, float], **changes: Any) -> bool | None:
        """Whether the probabilities that are told differ from those ``before``."""
        answer = self.try_(**changes)
        tokens = None if answer is None else first_token(first_choice(answer, self.model), self.model.chat)
        if tokens is None:
            return None
        after = _shares(tokens)
        common = [word for word in before if word in after]
        return not common or any(abs(before[word] - after[word]) > _SAME for word in common)

    def displaces(self, before: Mapping[str, float]) -> bool | None:
        """Whether the word that is written is told in place of the likeliest one, ``before`` being known.

        One likely word is asked for at a high temperature, until another than the likeliest is written.
        """
        likeliest = max(before, key=lambda word: before[word], default="")
        count = "top_logprobs" if self.model.chat else "logprobs"
        for seed in range(_DRAWS):
            answer = self.try_(temperature=2.0, seed=seed, **{count: 1})
            choice = None if answer is None else first_choice(answer, self.model)
            words = told_words(choice)
            if words is None or not 0 < len(words) < 3:
                return None
            if text_of(choice, self.model)[0].strip() != likeliest.strip():
                return likeliest.strip() not in {spelled(word).strip() for word in words}
        return None

    def text(self, **changes: Any) -> str | None:
        """The text of an answer, ``None`` where the endpoint does not take what is asked."""
        answer = self.try_(**changes)
        return None if answer is None else text_of(first_choice(answer, self.model), self.model)[0]

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
