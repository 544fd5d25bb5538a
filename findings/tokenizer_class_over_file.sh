#!/usr/bin/env bash
# transformers 5.24.0 cuts texts by the class that tokenizer_config.json names, not by the tokenizer.json beside it.
#
# A folder's tokenizer.json says how texts are cut before they become tokens. Where the configuration names GPT2Tokenizer,
# AutoTokenizer builds that class with its own way of cutting and says nothing of the difference. Here the file keeps "(A"
# in one piece: read by the file itself and as PreTrainedTokenizerFast it is one token, as GPT2Tokenizer two. A model that
# was trained with the file then gets prompts of other tokens than those that it knows.
#
# Versions: transformers 5.24.0, tokenizers 0.23.3, Python 3.11.
# Output seen on 2026-11-27: {"tokenizer.json itself": 1, "GPT2Tokenizer": 2, "PreTrainedTokenizerFast": 1}
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q transformers==5.24.0 tokenizers==0.23.3 2>/dev/null
cat > look.py <<'P'
import json
import sys
from pathlib import Path

import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

folder = Path()
letters = sorted(pre_tokenizers.ByteLevel.alphabet())
made = Tokenizer(models.BPE({letter: place for place, letter in enumerate([*letters, "(A"])}, [("(", "A")]))
made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
made.save(str(folder / "tokenizer.json"))
counts = {"tokenizer.json itself": len(Tokenizer.from_file(str(folder / "tokenizer.json")).encode("(A").ids)}
for name in ("GPT2Tokenizer", "PreTrainedTokenizerFast"):
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name}))
    read = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    counts[name] = len(read("(A", add_special_tokens=False)["input_ids"])
print(json.dumps(counts))
sys.exit(counts["GPT2Tokenizer"] == counts["tokenizer.json itself"])
P
venv/bin/python look.py 2>/dev/null
