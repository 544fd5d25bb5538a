"""Colours of a chart, handed in from outside, so that charts follow the theme."""

from __future__ import annotations

from core.types import Frozen


class Palette(Frozen):
    """``human`` draws real people; ``series`` draws models, in turn; the rest is ink and paper."""

    human: str
    series: tuple[str, ...]
    text: str
    background: str
    rule: str

    def model(self, position: int) -> str:
        """Colour of the model at ``position``; colours repeat after the last."""
        return self.series[position % len(self.series)]
