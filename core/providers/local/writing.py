"""Writes the texts of requests with a loaded model, and makes answers of them."""

from __future__ import annotations

from collections.abc import Sequence

from core.cancel import CancelToken
from core.errors import BadAnswer, ProviderError, said
from core.providers.base import OnAnswer, OnText
from core.providers.chat import Rendered
from core.providers.local.draft import Draft
from core.providers.local.loader import TOO_BIG_HINT, Loaded
from core.providers.local.reading import render, top_tokens
from core.types import Call, TextAnswer, TextRequest

_REPLACEMENT = "\ufffd"


def nothing_written() -> TextAnswer:
    """The answer to a request that had not begun when the user stopped."""
    return TextAnswer(text="", finish="cancelled", call=Call(rendered_prompt="", latency_s=0.0))


def write_texts(
    loaded: Loaded,
    requests: Sequence[TextRequest],
    places: Sequence[int],
    on_text: OnText | None,
    cancel: CancelToken | None,
    on_answer: OnAnswer | None = None,
) -> list[TextAnswer | ProviderError]:
    """Write the texts of all ``requests``, which are for the model in ``loaded``, side by side.

    ``on_text`` is called with the place of a request and its text so far, ``on_answer`` with its place and its answer
    as soon as that is complete. Raises :class:`.writer.WriterClosedError`
    where the model was dropped from memory meanwhile.
    """
    prompts = [render(loaded, request) for request in requests]
    drafts: dict[int, Draft] = {}
    for place, request, prompt in zip(places, requests, prompts, strict=True):
        if isinstance(prompt, Rendered):
            limit = request.max_tokens
            if loaded.context:
                limit = min(limit, loaded.context - len(prompt.ids))
            drafts[place] = Draft(
                ids=prompt.ids,
                limit=limit,
                temperature=request.temperature,
                top_p=request.top_p,
                seed=request.seed,
                cancel=cancel,
            )
    place_of = {draft: place for place, draft in drafts.items()}

    def grown(draft: Draft) -> None:
        text = _text(loaded, draft)
        if on_text and not text.endswith(_REPLACEMENT):  # a character of several tokens is not complete yet
            on_text(place_of[draft], text)

    prompt_of = {place: prompt for place, prompt in zip(places, prompts, strict=True) if isinstance(prompt, Rendered)}

    def ended(draft: Draft) -> None:
        if on_answer and draft.error is None and draft.finish != "cancelled":
            place = place_of[draft]
            on_answer(place, _answer(loaded, prompt_of[place], draft))

    loaded.writer.write(list(place_of), grown if on_text else None, ended)
    return [
        prompt if isinstance(prompt, ProviderError) else _answer(loaded, prompt, drafts[place])
        for place, prompt in zip(places, prompts, strict=True)
    ]


def _text(loaded: Loaded, draft: Draft) -> str:
    text: str = loaded.tokenizer.decode(draft.tokens, skip_special_tokens=True)
    return text


def _answer(loaded: Loaded, prompt: Rendered, draft: Draft) -> TextAnswer | ProviderError:
    if draft.error is not None:
        raise draft.error
    if draft.finish == "memory":
        return BadAnswer(said("memory_answer"), TOO_BIG_HINT)
    if draft.finish == "cancelled" and not draft.tokens:
        return nothing_written()
    call = Call(
        rendered_prompt=prompt.text,
        top_tokens=() if draft.first is None else top_tokens(loaded.tokenizer, draft.first.softmax(dim=-1)[None])[0],
        latency_s=draft.seconds,
        tokens_in=len(prompt.ids),
        tokens_out=len(draft.tokens),
    )
    return TextAnswer.model_validate({"text": _text(loaded, draft), "finish": draft.finish, "call": call})
