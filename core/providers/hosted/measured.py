"""What was measured of an endpoint, in numbers and in words."""

from __future__ import annotations

from datetime import datetime

from core.errors import Said, said
from core.types import Frozen


class Measured(Frozen):
    """What was measured of one model at one endpoint; ``None`` where the endpoint did not let it be told.

    ``words`` is how many likely words came. ``scaled``, ``cut``, ``few``, ``penalised`` and ``biased`` say whether
    temperature, top-p, top-k, a repetition penalty and a bias on tokens change the probabilities that are told;
    ``biased`` is never false, since the tokens that a bias would meet are not known. ``displaced`` is true where the
    word that was drawn takes the place of a likelier one, ``marked`` where words are spelled with the marks of the
    vocabulary. ``nameless`` counts likely words of a Chinese answer that
    are told as nothing, ``begun`` the marks of the beginning before a prompt. ``asked`` counts the requests that it
    took; a ``brief`` check left some out.
    """

    model_id: str
    when: datetime
    asked: int
    brief: bool = False
    served: str | None = None
    words: int | None = None
    ordered: bool | None = None
    chosen_among: bool | None = None
    scaled: bool | None = None
    cut: bool | None = None
    few: bool | None = None
    penalised: bool | None = None
    biased: bool | None = None
    displaced: bool | None = None
    marked: bool | None = None
    thinks: bool | None = None
    token_ids: bool | None = None
    any_name: bool | None = None
    several: bool | None = None
    seeded: bool | None = None
    truncates: bool | None = None
    nameless: int | None = None
    begun: int | None = None

    def told(self) -> list[Said]:
        """One entry a finding: its message is what was found, its hint what Parallax does about it."""
        found = [said("server_no_words") if self.words is None else said("server_words", n=self.words)]
        cases = (
            (self.words == 1, True, said("server_alone")),
            (self.ordered, False, said("server_unsorted")),
            (self.chosen_among, False, said("server_chosen_apart")),
            (self.scaled, True, said("server_scaled")),
            (self.scaled, False, said("server_not_scaled")),
            (self.cut, True, said("server_cut")),
            (self.few, True, said("server_few")),
            (self.penalised, True, said("server_penalised")),
            (self.biased, True, said("server_biased")),
            (self.displaced, True, said("server_displaced")),
            (self.marked, True, said("server_marked")),
            (self.thinks, True, said("server_thinks")),
            (self.token_ids, True, said("server_token_ids")),
            (self.any_name, True, said("server_any_name", served=self.served or "?")),
            (self.several, False, said("server_one_choice")),
            (self.seeded, False, said("server_no_seed")),
            (self.truncates, True, said("server_truncates")),
        )
        counted = [
            (self.nameless, said("server_nameless", n=self.nameless or 0)),
            (self.begun if (self.begun or 0) > 1 else None, said("server_double_start", n=self.begun or 0)),
        ]
        found += [words for n, words in counted if n]
        return found + [words for value, where, words in cases if value is where]

    def differs(self, other: Measured) -> list[str]:
        """Names of what both measured and ``other`` found otherwise; the name that was served is among them."""
        left_out = {"model_id", "when", "asked", "brief", "nameless", "words"}
        names = [name for name in type(self).model_fields if name not in left_out]
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in names}
        return [name for name, (mine, theirs) in pairs.items() if None not in (mine, theirs) and mine != theirs]
