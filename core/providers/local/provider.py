"""The provider of models on this computer: the built-in one, a folder, or any causal model of the Hugging Face hub."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

from core.cancel import CancelToken, check_cancel
from core.errors import Cancelled, ProviderError, said
from core.providers.base import OnAnswer, OnText
from core.providers.local.computation import choose_way, describe
from core.providers.local.device import choose_device
from core.providers.local.hub import find_revision
from core.providers.local.libraries import require_libraries
from core.providers.local.loader import Loaded, Loader
from core.providers.local.reading import read_options
from core.providers.local.tuned import card_of
from core.providers.local.writer import WriterClosedError
from core.providers.local.writing import nothing_written, write_texts
from core.types import Capabilities, Computation, Model, OptionAnswer, OptionRequest, TextAnswer, TextRequest

_BATCH = 96
_GPU_BATCH = 768


class LocalProvider:
    """Asks models on this computer.

    At most ``max_loaded`` models stay in memory, and one thread at a time computes with each.
    """

    name = "local"
    batches_at_once = 1
    tells_each = True

    def __init__(self, max_loaded: int = 1) -> None:
        self._loader = Loader(max_loaded)
        self._versions: dict[tuple[str, str | None, str | None], str] = {}
        self._lock = threading.Lock()

    def capabilities(self, model: Model) -> Capabilities:
        """All probabilities can be read, whatever the catalogue says, because the weights are here."""
        return model.capabilities.model_copy(update={"logprobs": "full", "top_k": None})

    def revision(self, model: Model) -> str:
        """The exact version of the weights, with a suffix where the number format changes the answers.

        Raises :class:`ProviderError`.
        """
        version = self._version(model)
        return version + choose_way(model).mark

    def computed(self, model: Model) -> Computation | None:
        """How ``model`` is computed here; ``None`` where no model can be."""
        try:
            require_libraries()
            return describe(choose_way(model))
        except ProviderError:
            return None

    def _version(self, model: Model) -> str:
        """The exact version of the weights, found once a process, and anew for a model that was tuned again."""
        require_libraries()
        card = card_of(model)
        key = (*_who(model), None if card is None else card.weights_sha256)
        if key not in self._versions:
            found = find_revision(model)  # may wait for the network, so no lock is taken and other models can answer
            with self._lock:
                self._versions.setdefault(key, found)
        return self._versions[key]

    def batch_size(self, model: Model) -> int:
        """96 requests: the rotations of a question or two for several personas, which share most tokens; seconds of
        work.

        On a GPU 768, since a pack there has eight times as many tokens.
        """
        return _BATCH if choose_device() == "cpu" else _GPU_BATCH

    def release(self) -> None:
        """Drop every model from memory."""
        self._loader.clear()

    def option_distribution(
        self,
        requests: Sequence[OptionRequest],
        cancel: CancelToken | None = None,
        on_answer: OnAnswer | None = None,
    ) -> list[OptionAnswer | ProviderError]:
        """Next-token distributions over the labels at temperature 1 (methods.md, section 2, full access).

        ``on_answer`` is not called: the requests of a model are read together.
        """
        answers: list[OptionAnswer | ProviderError] = []
        for _, same in groupby(requests, key=lambda request: _who(request.model)):
            group = list(same)
            with self._using(group[0].model, cancel) as loaded:
                answers += read_options(loaded, group, cancel)
        return answers

    def generate(
        self,
        requests: Sequence[TextRequest],
        on_text: OnText | None = None,
        cancel: CancelToken | None = None,
        on_answer: OnAnswer | None = None,
    ) -> list[TextAnswer | ProviderError]:
        """The texts of all requests; those of one model are written side by side.

        ``on_answer`` is called with the place of a request and its text as soon as that is complete. When cancelled,
        the texts so far are returned with the finish ``cancelled``. A seed gives the same text whatever is written
        beside it.
        """
        answers: dict[int, TextAnswer | ProviderError] = {}
        by_model: dict[tuple[str, str | None], list[int]] = {}
        for place, request in enumerate(requests):
            by_model.setdefault(_who(request.model), []).append(place)
        for places in by_model.values():
            try:
                made = self._write([requests[place] for place in places], places, on_text, cancel, on_answer)
            except Cancelled:
                made = [nothing_written()] * len(places)
            answers.update(zip(places, made, strict=True))
        if requests and all(answer == nothing_written() for answer in answers.values()):
            raise Cancelled(said("stopped_empty"))
        return [answers[place] for place in range(len(requests))]

    def _write(
        self,
        requests: Sequence[TextRequest],
        places: Sequence[int],
        on_text: OnText | None,
        cancel: CancelToken | None,
        on_answer: OnAnswer | None,
    ) -> list[TextAnswer | ProviderError]:
        model = requests[0].model
        while True:
            check_cancel(cancel)
            try:
                loaded = self._loader.get(model, self._version(model), cancel)
                return write_texts(loaded, requests, places, on_text, cancel, on_answer)
            except WriterClosedError:  # the model was dropped from memory before we began
                continue

    @contextmanager
    def _using(self, model: Model, cancel: CancelToken | None) -> Iterator[Loaded]:
        """A context with ``model`` in memory, for this thread alone."""
        while True:
            check_cancel(cancel)
            loaded = self._loader.get(model, self._version(model), cancel)
            with loaded.turns.turn(cancel):
                if loaded.model is not None:  # the model may have been dropped from memory while we waited
                    yield loaded
                    return


def _who(model: Model) -> tuple[str, str | None]:
    return model.remote_id, model.revision
