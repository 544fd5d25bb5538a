"""Which tokens spell a label: on the built-in model's real vocabulary, and on made-up ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.providers.labels import bare, label_token_ids
from core.types import LABELS


class Vocabulary:
    """A tokenizer in which each text is one token."""

    def __init__(self, *texts: str, special: tuple[int, ...] = ()) -> None:
        self._texts = texts
        self.all_special_ids = list(special)

    def __len__(self) -> int:
        return len(self._texts)

    def decode(self, ids: list[int]) -> str:
        return "".join(self._texts[token] for token in ids)

    def batch_decode(self, rows: list[list[int]]) -> list[str]:
        return [self.decode(row) for row in rows]


@given(
    st.sampled_from(LABELS),
    st.sampled_from(["", " ", "(", " (", "[", "（", "【", '"', "**", " '"]),
    st.sampled_from(["", ".", ")", ":", "）", "】", "：", "、", "**", " ", ". "]),
)
def test_what_stands_around_a_label_does_not_matter(label: str, before: str, after: str) -> None:
    assert bare(before + label + after) == label


@pytest.mark.parametrize("text", ["a", "An", "AB", "A1", " As", "我", "", " ", "()", "A)B", "-A"])
def test_other_texts_spell_no_label(text: str) -> None:
    assert bare(text) not in LABELS


def test_every_spelling_counts_and_special_tokens_do_not() -> None:
    tokenizer = Vocabulary("A", " A", "(A", "Ａ", "A.", "a", "An", "B", " B", "A", special=(9,))
    assert label_token_ids(tokenizer, ("A", "B")) == ((0, 1, 2, 3, 4), (7, 8))


def test_a_label_without_a_token_is_an_error() -> None:
    with pytest.raises(DataError, match="“B”"):
        label_token_ids(Vocabulary("A", " A"), ("A", "B"))


def test_labels_that_share_a_token_are_an_error() -> None:
    with pytest.raises(DataError, match="shares"):
        label_token_ids(Vocabulary("A", "B"), ("A", "B", "A"))


@pytest.fixture(scope="module")
def tokenizer(builtin_model_dir: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(builtin_model_dir)


@pytest.mark.model
def test_the_real_vocabulary(tokenizer: Any) -> None:
    sets = label_token_ids(tokenizer, LABELS)
    assert len(sets) == len(LABELS)
    everything = [token for ids in sets for token in ids]
    assert len(everything) == len(set(everything))
    assert not set(everything) & set(tokenizer.all_special_ids)
    for label, ids in zip(LABELS, sets, strict=True):
        spelled = [tokenizer.decode([token]) for token in ids]
        assert {label, f" {label}"} <= set(spelled)
        assert all(bare(text) == label for text in spelled)


@pytest.mark.model
def test_no_token_that_spells_a_label_is_left_out(tokenizer: Any) -> None:
    found = label_token_ids(tokenizer, LABELS)
    for text in ("(A", " (B", "C.", "[D", '"E', " A"):
        ids = tokenizer.encode(text, add_special_tokens=False)
        if len(ids) == 1:
            assert ids[0] in found[LABELS.index(bare(text))]
