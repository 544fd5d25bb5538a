#!/usr/bin/env bash
# transformers 5.24.0 loads a GGUF file without a word about tensors that it has no place for.
#
# A Llama 3.x file made by llama.cpp carries `rope_freqs.weight`: factors that stretch the rotary frequencies of long
# contexts. Here the same tiny Llama file is written twice, with and without that tensor, all factors 4. Loaded through
# transformers both give the same next-token logits to the last bit, the tensor is nowhere in the model, and the report
# of the load names no unexpected key. llama.cpp computes with these factors, so the two programs disagree on such files.
#
# Versions: transformers 5.24.0, gguf 0.19.0, torch 2.13.0, Python 3.11.
# Output seen on 2026-11-27: {"tensor in file": true, "same logits": true, "unexpected keys": [], "factors in model": false}
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q torch==2.13.0 transformers==5.24.0 gguf==0.19.0 accelerate==1.15.0 sentencepiece 2>/dev/null
cat > look.py <<'P'
import json
import sys

import numpy as np
import torch
from gguf import GGUFReader, GGUFWriter
from transformers import AutoModelForCausalLM

WIDTH, HEADS, LAYERS, WORDS, HIDDEN = 64, 4, 2, 32, 128


def write(path, factors):
    rng = np.random.default_rng(0)
    file = GGUFWriter(path, "llama")
    file.add_context_length(256)
    file.add_embedding_length(WIDTH)
    file.add_block_count(LAYERS)
    file.add_feed_forward_length(HIDDEN)
    file.add_head_count(HEADS)
    file.add_head_count_kv(HEADS)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_freq_base(10000.0)
    file.add_rope_dimension_count(WIDTH // HEADS)
    file.add_vocab_size(WORDS)

    def tensor(name, *shape):
        file.add_tensor(name, rng.normal(0, 0.3, shape).astype(np.float32))

    tensor("token_embd.weight", WORDS, WIDTH)
    tensor("output.weight", WORDS, WIDTH)
    file.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        place = f"blk.{layer}"
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"{place}.{name}.weight", WIDTH, WIDTH)
        tensor(f"{place}.ffn_gate.weight", HIDDEN, WIDTH)
        tensor(f"{place}.ffn_up.weight", HIDDEN, WIDTH)
        tensor(f"{place}.ffn_down.weight", WIDTH, HIDDEN)
        for name in ("attn_norm", "ffn_norm"):
            file.add_tensor(f"{place}.{name}.weight", np.ones(WIDTH, np.float32))
    if factors:
        file.add_tensor("rope_freqs.weight", np.full(WIDTH // HEADS // 2, 4.0, np.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def logits(name):
    model, told = AutoModelForCausalLM.from_pretrained(
        ".", gguf_file=name, dtype=torch.float32, output_loading_info=True
    )
    with torch.no_grad():
        read = model(torch.arange(1, 25)[None]).logits
    held = {**model.state_dict(), **dict(model.named_buffers())}
    return read, sorted(told["unexpected_keys"]), any("freqs" in key and "inv_freq" not in key for key in held)


write("plain.gguf", False)
write("stretched.gguf", True)
plain, _, _ = logits("plain.gguf")
stretched, unexpected, held = logits("stretched.gguf")
found = {
    "tensor in file": "rope_freqs.weight" in {t.name for t in GGUFReader("stretched.gguf").tensors},
    "same logits": bool(torch.equal(plain, stretched)),
    "unexpected keys": unexpected,
    "factors in model": held,
}
print(json.dumps(found))
expected = {"tensor in file": True, "same logits": True, "unexpected keys": [], "factors in model": False}
sys.exit(found != expected)
P
venv/bin/python look.py 2>/dev/null
