"""The loss of first-token alignment: how far the distribution over the labels is from that of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch


class Losses(NamedTuple):
    """By prompt: KL(people || model) over the labels in nats, and -log of the probability on any label."""

    divergence: torch.Tensor
    off_labels: torch.Tensor


def losses(
    logits: torch.Tensor, label_ids: Sequence[Sequence[Sequence[int]]], shares: Sequence[Sequence[float]]
) -> Losses:
    """The losses of each row of ``logits`` ``[prompts, vocabulary]``.

    ``label_ids`` has, by prompt and label, the tokens that spell the label: their probabilities are summed. ``shares``
    has the people's share of each label; it sums to 1, and a share of 0 adds nothing. Both parts are at least 0, and
    both are 0 where the model gives exactly the people's shares and nothing else.
    """
    import torch

    log_p = logits.float().log_softmax(dim=-1)
    divergence, off = [], []
    for row, (sets, wanted) in enumerate(zip(label_ids, shares, strict=True)):
        mass = torch.stack([log_p[row, list(ids)].logsumexp(dim=0) for ids in sets])
        valid = mass.logsumexp(dim=0)
        people = torch.tensor(wanted, dtype=mass.dtype, device=mass.device)
        some = people > 0
        divergence.append((people[some] * (people[some].log() - (mass - valid)[some])).sum())
        off.append(-valid)
    return Losses(torch.stack(divergence), torch.stack(off))
