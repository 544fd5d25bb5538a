"""Colours of a chart. The caller passes them, so that charts follow the theme."""

from __future__ import annotations

from core.types import Frozen


class Palette(Frozen):
    """``human`` is the colour of real people, ``series`` are those of models in turn; the rest is ink and paper."""

    human: str
    series: tuple[str, ...]
    text: str
    background: str
    rule: str

    def model(self, position: int) -> str:
        """Colour of the model at ``position``; colours repeat after the last."""
        return self.series[position % len(self.series)]

    def tint(self, colour: str, part: float = 0.14) -> str:
        """``colour`` (#rrggbb) mixed thinly with the background, as the fill of an outlined mark."""
        ink, paper = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (colour, self.background))
        return "#" + "".join(f"{round(part * a + (1 - part) * b):02x}" for a, b in zip(ink, paper, strict=True))


LIGHT = Palette(
    human="#46525f",
    series=("#0b6ba8", "#c2500a", "#0a7d5c", "#8a3f9e", "#96700a", "#b0305f"),
    text="#0f1720",
    background="#ffffff",
    rule="#7d8894",
)
"""The app's light palette, for charts drawn without the app; a test compares it with .streamlit/config.toml."""
