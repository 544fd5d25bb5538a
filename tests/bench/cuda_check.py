"""Local models on a CUDA device: the numbers of the processor, the texts of one alone, and rates.

Run on a machine with such a device: ``python tests/bench/cuda_check.py FOLDER [FOLDER ...] [--write FILE]``. A folder
holds a causal model in the form of Hugging Face; one without weights, only with configuration and tokenizer, gets
random weights of that shape, which is enough for differences and rates. Without a folder, only small random models are
checked. Exit code 1 where something differs by more than it may.

Checked: 32-bit readings agree with the processor's within 1e-4 and bfloat16 ones within 0.005 in the probability of a
label; no two of the likeliest ten words tie; greedy and sampled texts written together are those written alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core.prompts.render import render_question  # noqa: E402
from core.providers.local.device import exact_products  # noqa: E402
from core.providers.local.draft import Draft  # noqa: E402
from core.providers.local.forward import Trail, forward_last_logits, next_tokens, read_last_logits  # noqa: E402
from core.providers.local.head import sharpen_head  # noqa: E402
from core.providers.local.prefix_tree import Ids  # noqa: E402
from core.providers.local.provider import LocalProvider  # noqa: E402
from core.providers.local.tree_check import tree_limit  # noqa: E402
from core.providers.local.turns import Turns  # noqa: E402
from core.providers.local.writer import Writer  # noqa: E402
from core.settings import settings  # noqa: E402
from core.surveys import SURVEYS  # noqa: E402
from core.types import (  # noqa: E402
    Capabilities,
    Message,
    Model,
    OptionAnswer,
    OptionRequest,
    Origin,
    Persona,
    TextAnswer,
    TextRequest,
    Variant,
    cyclic_orders,
)

SAME_32 = 1e-4
SAME_16 = 0.005
PERSONAS = (
    Persona(),
    Persona(country="USA"),
    Persona(country="CHN", sex="female"),
    Persona(country="NGA", sex="male", age="50+"),
)
SMALL = {
    "vocab_size": 90,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.5,
}
ROTARY = {**SMALL, "intermediate_size": 48, "num_key_value_heads": 2, "head_dim": 8}
KINDS: dict[str, dict[str, Any]] = {
    "llama": ROTARY,
    "qwen2": ROTARY,
    "gemma3_text": {**ROTARY, "sliding_window": 16, "layer_types": ["sliding_attention", "full_attention"]},
    "gpt2": {"vocab_size": 90, "n_embd": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.5},
    "mamba": {"vocab_size": 90, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8},
}


def use(device: str, precision: str) -> LocalProvider:
    """A provider of its own, on ``device`` with ``precision``."""
    os.environ.update({"PARALLAX_DEVICE": device, "PARALLAX_PRECISION": precision})
    settings.cache_clear()
    return LocalProvider()


def model_at(folder: Path) -> Model:
    """The model in ``folder``, as the catalogue would have it."""
    return Model(
        id=folder.name,
        name=folder.name,
        provider="local",
        remote_id=str(folder.resolve()),
        origin=Origin(base="West", tuner="West"),
        developer="x",
        family="x",
        capabilities=Capabilities(logprobs="full"),
        link="https://example.org",
    )


def questions(model: Model, count: int, personas: tuple[Persona, ...] = PERSONAS) -> list[OptionRequest]:
    """``count`` questions of the bank, spread evenly, as all ``personas`` in all rotations."""
    bank = list(SURVEYS["wvs7"]().questions().values())
    chosen = [bank[place * len(bank) // count] for place in range(count)]
    return [
        OptionRequest(model=model, messages=made.messages, labels=tuple("ABCDEFGHIJ"[: len(order)]), codes=order)
        for persona in personas
        for question in chosen
        for order in cyclic_orders(len(question.options))
        for made in [render_question(question, persona, Variant(order=order))]
    ]


def texts(model: Model, count: int, tokens: int, temperature: float | None = None) -> list[TextRequest]:
    """``count`` different texts to write, of at most ``tokens`` tokens."""
    topics = ("family", "work", "religion", "trust", "democracy", "freedom", "money", "nature")
    return [
        TextRequest(
            model=model,
            messages=(Message(role="user", content=f"In a few sentences: what does {topic} mean to you? ({place})"),),
            max_tokens=tokens,
            temperature=temperature,
            top_p=0.9 if temperature else None,
            seed=place,
        )
        for place in range(count)
        for topic in [topics[place % len(topics)]]
    ]


def read(provider: LocalProvider, requests: list[OptionRequest]) -> tuple[list[OptionAnswer], float]:
    """Answers and prompts a second, in batches as the runner hands them over."""
    size = provider.batch_size(requests[0].model)
    begun = time.perf_counter()
    answers = [
        answer
        for start in range(0, len(requests), size)
        for answer in provider.option_distribution(requests[start : start + size])
    ]
    rate = len(requests) / (time.perf_counter() - begun)
    good = [answer for answer in answers if isinstance(answer, OptionAnswer)]
    if len(good) != len(requests):
        raise SystemExit(str(next(answer for answer in answers if not isinstance(answer, OptionAnswer))))
    return good, rate


def write(provider: LocalProvider, requests: list[TextRequest]) -> tuple[list[str], float]:
    """Texts and tokens a second, all handed over at once."""
    begun = time.perf_counter()
    answers = provider.generate(requests)
    seconds = time.perf_counter() - begun
    good = [answer for answer in answers if isinstance(answer, TextAnswer)]
    if len(good) != len(requests):
        raise SystemExit(str(next(answer for answer in answers if not isinstance(answer, TextAnswer))))
    return [answer.text for answer in good], sum(answer.call.tokens_out or 0 for answer in good) / seconds


def apart(some: list[OptionAnswer], others: list[OptionAnswer]) -> float:
    """The largest difference in the probability of a label."""
    return max(
        abs(left - right)
        for one, other in zip(some, others, strict=True)
        for left, right in zip(one.distribution.mass, other.distribution.mass, strict=True)
    )


def ties(answers: list[OptionAnswer]) -> int:
    """Answers with two of the likeliest words at exactly the same probability."""
    found = ([token.probability for token in answer.call.top_tokens] for answer in answers)
    return sum(len(set(values)) < len(values) for values in found)


def check_small(device: str, kind: str) -> dict[str, Any]:
    """A small random model: tree against side by side, together against alone."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **KINDS[kind]), dtype=torch.float32)
    model = model.to(device).eval()
    sharpen_head(model)
    stem = tuple(range(20, 50))
    prompts: list[Ids] = [(*stem, 1, 2, 3), (*stem, 1, 5, 6), stem[:7], (9,), tuple(range(80, 3, -1))]
    limit = tree_limit(model)
    rows = {
        ids: row
        for group, found in read_last_logits(model, prompts, limit)
        for ids, row in zip(group, found, strict=True)
    }
    alone = {ids: forward_last_logits(model, [ids])[0] for ids in prompts}
    spread = float(torch.stack(list(alone.values())).std())
    worst = max(float((rows[ids] - alone[ids]).abs().max()) for ids in prompts) / spread
    same = True
    for temperature in (None, 1.0):
        drafts = [Draft(ids, 24, temperature, 0.9, seed) for seed, ids in enumerate(prompts * 2)]
        Writer(model, limit, frozenset(), Turns(), Trail()).write(drafts)
        for seed, draft in enumerate(drafts):
            if draft.error:
                raise draft.error
            stream = next_tokens(model, draft.ids, temperature=temperature, top_p=0.9, seed=seed)
            same &= [token for token, _ in islice(stream, 24)] == draft.tokens
    return {
        "as a tree": limit > 0,
        "apart, of the spread": worst,
        "together as alone": same,
        "good": worst < 1e-3 and same,
    }


def fill(folder: Path) -> None:
    """Give ``folder`` random weights where it has none."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    if any(folder.glob("*.safetensors")):
        return
    torch.manual_seed(0)
    config = AutoConfig.from_pretrained(folder)
    config.initializer_range = 0.05  # else all words are about as likely, and rounding decides between them
    AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(folder)


def check_folder(folder: Path, most: int, on_cpu: bool) -> dict[str, Any]:
    """A real model: readings and texts on both devices, and rates."""
    fill(folder)
    model = model_at(folder)
    few, many = questions(model, 6), questions(model, most)
    found: dict[str, Any] = {"prompts": len(many)}
    exact: list[OptionAnswer] = []
    if on_cpu:
        exact, found["processor, float32, prompts/s"] = read(use("cpu", "float32"), few)
    for precision in ("float32", "bfloat16"):
        provider = use("cuda", precision)
        here, _ = read(provider, few)  # loads the model
        if precision == "float32" and not exact:
            exact = here
        _, found[f"{precision}, prompts/s"] = read(provider, many)
        found[f"{precision}, label apart"] = apart(here, exact)
        found[f"{precision}, ties"] = ties(here)
        write(provider, texts(model, 4, 8))
        for count in (1, 16, 128):
            _, found[f"{precision}, {count} texts, tokens/s"] = write(provider, texts(model, count, 64))
        for kind, temperature in (("greedy", None), ("sampled", 0.8)):
            asked = texts(model, 16, 48, temperature)
            together, _ = write(provider, asked)
            alone = [write(provider, [request])[0][0] for request in asked[:6]]
            found[f"{precision}, {kind}, together as alone"] = sum(
                one == other for one, other in zip(alone, together, strict=False)
            )
        provider.release()
    found["good"] = (
        found["float32, label apart"] <= SAME_32
        and found["bfloat16, label apart"] <= SAME_16
        and found["float32, ties"] == found["bfloat16, ties"] == 0
        and found["float32, greedy, together as alone"] == found["float32, sampled, together as alone"] == 6
    )
    return found


def main() -> int:
    """Check, print, and keep as JSON where asked."""
    import torch
    import transformers

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--questions", type=int, default=40, help="questions that are read for the rate")
    parser.add_argument("--no-cpu", action="store_true", help="do not read on the processor for comparison")
    parser.add_argument("--small-on", default="cuda", help="where the small random models are: cuda, or cpu for a look")
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    exact_products()
    about = {"torch": torch.__version__, "transformers": transformers.__version__}
    if torch.cuda.is_available():
        about["device"] = torch.cuda.get_device_name()
    results: dict[str, Any] = {"about": about}
    print(json.dumps(about), flush=True)  # noqa: T201
    checks = [(kind, lambda kind=kind: check_small(chosen.small_on, kind)) for kind in KINDS]
    checks += [(f.name, lambda f=f: check_folder(f, chosen.questions, not chosen.no_cpu)) for f in chosen.folders]
    for name, check in checks:
        begun = time.perf_counter()
        try:
            results[name] = check()
        except Exception as error:  # noqa: BLE001 - the other models are still worth a look
            traceback.print_exc()
            results[name] = {"good": False, "error": f"{type(error).__name__}: {error}"}
        results[name]["seconds"] = round(time.perf_counter() - begun, 1)
        print(name, json.dumps(results[name]), flush=True)  # noqa: T201
        if chosen.write:
            chosen.write.write_text(json.dumps(results, indent=1), "utf-8")
    return int(not all(found.get("good", True) for found in results.values()))


if __name__ == "__main__":
    sys.exit(main())
