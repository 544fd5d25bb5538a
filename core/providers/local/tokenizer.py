"""Loads a tokenizer and makes sure that it reads texts as the file ``tokenizer.json`` beside the weights says.

transformers builds some tokenizers anew from the class that ``tokenizer_config.json`` names. A folder that names
``GPT2Tokenizer`` gets that class' way of cutting texts in place of the one in its file, so that a prompt becomes other
tokens than those that the model was trained on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.errors import BadAnswer, said

FILE = "tokenizer.json"
TEXTS = (
    "(A",
    "A. Yes\nB. No\n\nAnswer: (B)",
    " 1234 5678",
    "don't x  y\t_z",
    "你好，世界。【A】Ａ",
    "naïve café – “so”",
)
"""Texts on which ways of cutting differ: brackets, digits, apostrophes, spaces, Chinese, full-width letters, dashes."""


def load_tokenizer(folder: Path, name: str) -> Any:
    """The tokenizer of the model ``name`` in ``folder``, that of the file where the named class reads texts otherwise.

    Raises :class:`BadAnswer` where neither reads texts as the file does, and what transformers raises.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    found = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if not (folder / FILE).is_file() or _reads_as_file(found, folder):
        return found
    plain = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    if not _reads_as_file(plain, folder):
        raise BadAnswer(said("tokenizer_differs", model=name, file=FILE))
    return plain


def _reads_as_file(tokenizer: Any, folder: Path) -> bool:
    from tokenizers import Tokenizer

    path = folder / FILE
    if (backend := getattr(tokenizer, "backend_tokenizer", None)) is not None and _cuts_alike(backend, path):
        return True
    # Another way of cutting may still give the same tokens. To see that, the whole file is read, which takes seconds.
    file = Tokenizer.from_file(str(path))
    return all(
        list(tokenizer(text, add_special_tokens=False)["input_ids"]) == file.encode(text, add_special_tokens=False).ids
        for text in TEXTS
    )


def _cuts_alike(backend: Any, path: Path) -> bool:
    """Whether ``backend`` cuts :data:`TEXTS` into the same pieces as the parts of the file that cut."""
    from tokenizers import Tokenizer

    told = json.loads(path.read_text(encoding="utf-8"))
    empty = {"type": "BPE", "vocab": {}, "merges": []}
    parts = {name: told.get(name) for name in ("normalizer", "pre_tokenizer")}
    file = Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": [], "model": empty, **parts}))
    return all(_pieces(backend, text) == _pieces(file, text) for text in TEXTS)


def _pieces(tokenizer: Any, text: str) -> list[str]:
    written = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
    cut = tokenizer.pre_tokenizer
    return [piece for piece, _ in cut.pre_tokenize_str(written)] if cut else [written]
