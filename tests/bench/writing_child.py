"""A process that writes texts in one way, on request: ``writing_child.py WAY FOLDER ROOT``.

One line of JSON in, ``[prompts, tokens, runs]`` with prompts as messages; one out: seconds, seconds of processor,
tokens, memory in use in bytes and its peak while writing.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Write = Callable[[list[list[dict[str, str]]], int], tuple[list[str], int]]
"""Messages of each prompt and the most tokens; the texts, and how many tokens they have together."""


def parallax(folder: str, root: str) -> Write:
    """The provider of the build in ``root``."""
    sys.path.insert(0, root)
    from core.providers.local.builtin import BUILTIN, builtin_state
    from core.providers.local.provider import LocalProvider
    from core.types import Capabilities, Message, Model, Origin, TextAnswer, TextRequest

    model = Model(
        id="x",
        name="x",
        provider="local",
        remote_id=BUILTIN if folder == "builtin" and builtin_state() == "ready" else folder,
        origin=Origin(base="West", tuner="West"),
        developer="x",
        family="x",
        capabilities=Capabilities(logprobs="full"),
        link="https://example.org",
    )
    provider = LocalProvider()

    def write(prompts: list[list[dict[str, str]]], tokens: int) -> tuple[list[str], int]:
        requests = [
            TextRequest(model=model, messages=tuple(Message.model_validate(m) for m in prompt), max_tokens=tokens)
            for prompt in prompts
        ]
        answers = provider.generate(requests)
        good = [answer for answer in answers if isinstance(answer, TextAnswer)]
        return [answer.text for answer in good], sum(answer.call.tokens_out or 0 for answer in good)

    return write


def transformers(folder: str, continuous: bool) -> Write:
    """One padded batch of ``generate``, or continuous batching, of the installed transformers."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    dtype = torch.bfloat16 if os.environ.get("PARALLAX_PRECISION") == "bfloat16" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()

    def texts(rows: list[list[int]]) -> tuple[list[str], int]:
        ends = {tokenizer.eos_token_id, tokenizer.pad_token_id}
        cut = [[token for token in row if token not in ends] for row in rows]
        return tokenizer.batch_decode(cut, skip_special_tokens=True), sum(map(len, cut))

    def batch(prompts: list[list[dict[str, str]]], tokens: int) -> tuple[list[str], int]:
        given = tokenizer.apply_chat_template(
            prompts, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
        )
        made = model.generate(**given, max_new_tokens=tokens, do_sample=False, pad_token_id=tokenizer.pad_token_id)
        return texts(made[:, given["input_ids"].shape[1] :].tolist())

    def stream(prompts: list[list[dict[str, str]]], tokens: int) -> tuple[list[str], int]:
        given = tokenizer.apply_chat_template(prompts, add_generation_prompt=True, return_dict=True)["input_ids"]
        config = GenerationConfig(
            max_new_tokens=tokens, do_sample=False, eos_token_id=model.config.eos_token_id, pad_token_id=0
        )
        made = model.generate_batch(inputs=given, generation_config=config)
        return texts([list(output.generated_tokens) for output in made.values()])

    return stream if continuous else batch


class Peak(threading.Thread):
    """Watches the memory of this process until told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self.done = threading.Event()

    def run(self) -> None:
        """Look every few milliseconds."""
        while not self.done.wait(0.01):
            self.most = max(self.most, resident())


def resident() -> int:
    """Bytes of memory in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Answer lines until there are no more."""
    way, folder, root = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    write = parallax(folder, root) if way == "parallax" else transformers(folder, way == "continuous")
    for line in sys.stdin:
        prompts, tokens = json.loads(line)
        peak = Peak()
        before = resident()
        peak.start()
        begun, busy = time.perf_counter(), time.process_time()
        texts, count = write(prompts, tokens)
        found: dict[str, Any] = {
            "seconds": time.perf_counter() - begun,
            "busy": time.process_time() - busy,
            "tokens": count,
            "before": before,
            "texts": texts,
        }
        peak.done.set()
        peak.join()
        found["peak"] = max(peak.most, resident())
        out.write(json.dumps(found) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
