"""What each thing looks like in a chart. The caller passes the colours, so that charts follow the theme.

One rule for every page: sides have a hue, people have shapes of their own, and nothing else has the hue of a side.

==================================  ===============  ===================================  =========================
what                                hue              shape                                further shapes
==================================  ===============  ===================================  =========================
model of China                      orange           circle                               triangle to the right,
                                                                                          pentagon
model of the West                   blue             diamond                              triangle to the left, star
model of both (base and tuning)     gold             triangle down                        hexagon
model of elsewhere, of unknown      rose             slanting cross                       arrow
origin, or tuned here
people of China beside the USA      orange           square                               -
people of the USA beside China      blue             triangle up                          -
other people                        grey             square; stroke: the whole world      stroke
mean of the other countries         grey             triangle up                          -
answers that need no model,         grey             upright cross                        -
such as an even guess
a mean over all, a difference       ink              square                               -
what is no side: the chosen place,  green, purple    as the chart needs                   as models
values on a map or in a table,
guesses, parts of a whole,
either of two actions
==================================  ===============  ===================================  =========================

Models of one side differ by shade and shape, in lines also by dash, in the order of the chart (:meth:`Palette.looks`).
The second model of a side has more ink in its hue, the third more paper. A test computes, for eyes that lack a kind of
cone, that the hues of sides, the shades of one side, and all shades of China and the West stay apart, and from people.
Whether a colour stands for a model or for people is told by the shape. So the side of a model,
:attr:`core.types.Origin.side`, reaches each chart of series as a column ``look``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from core.types import Frozen

_STAR = "M0,-1L.29,-.4L.95,-.31L.48,.15L.59,.81L0,.5L-.59,.81L-.48,.15L-.95,-.31L-.29,-.4Z"
_PENTAGON = "M0,-1L.95,-.31L.59,.81L-.59,.81L-.95,-.31Z"
_HEXAGON = "M.5,-.87L1,0L.5,.87L-.5,.87L-1,0L-.5,-.87Z"
_SLANTING = "M-.9,-.5L-.5,-.9L0,-.4L.5,-.9L.9,-.5L.4,0L.9,.5L.5,.9L0,.4L-.5,.9L-.9,.5L-.4,0Z"
SHAPES: dict[str, tuple[str, ...]] = {
    "China": ("circle", "triangle-right", _PENTAGON),
    "West": ("diamond", "triangle-left", _STAR),
    "mixed": ("triangle-down", _HEXAGON),
    "other": (_SLANTING, "arrow"),
    "people_CHN": ("square",),
    "people_USA": ("triangle-up",),
    "people": ("square", "stroke"),
    "world": ("stroke",),
    "others": ("triangle-up",),
    "baseline": ("cross",),
    "all": ("square",),
    "difference": ("square",),
}
"""The shapes of each group, the first one first."""
INK, PAPER = 0.45, 0.25
"""How much ink is mixed into the hue of a side for its second model, and how much paper for its third."""
DASHES = [[1, 0], [6, 4], [2, 3], [10, 3], [9, 3, 2, 3]]


class Look(NamedTuple):
    """Colour, shape and dash of one series of a chart."""

    colour: str
    shape: str
    dash: list[int]


class Palette(Frozen):
    """``human`` is the colour of real people; the rest is ink and paper.

    ``series`` are the hues of the West, of China, two of what is no side, of models of both sides and of all others.
    """

    human: str
    series: tuple[str, str, str, str, str, str]
    text: str
    background: str
    rule: str

    def hue(self, group: str) -> str:
        """The hue of a group of the table above; it is that of the side, of people, or ink."""
        west, china, _, _, mixed, other = self.series
        sides = {"China": china, "West": west, "mixed": mixed, "other": other}
        people = {"people_CHN": china, "people_USA": west}
        grey = dict.fromkeys(("people", "world", "others", "baseline"), self.human)
        return (sides | people | grey).get(group, self.text)

    def looks(self, groups: Sequence[str]) -> list[Look]:
        """A look for each series of a chart, whose groups are given in their order.

        >>> first, second, other = LIGHT.looks(["China", "China", "West"])
        >>> first.colour == LIGHT.hue("China"), other.colour == LIGHT.hue("West"), first.shape, second.shape
        (True, True, 'circle', 'triangle-right')
        """
        before: Counter[str] = Counter()
        made = []
        for place, group in enumerate(groups):
            n = before[group]
            before[group] += 1
            shapes = SHAPES.get(group, ("square",))
            made.append(
                Look(self._shade(self.hue(group), n), shapes[n % len(shapes)], list(DASHES[place % len(DASHES)]))
            )
        return made

    def part(self, position: int) -> str:
        """The colour of what is no side, at ``position`` of its kind: green, purple, then darker ones."""
        return self._shade(self.series[2 + position % 2], position // 2)

    def tint(self, colour: str, part: float = 0.14) -> str:
        """``colour`` (#rrggbb) mixed thinly with the background, as the fill of an outlined mark."""
        return _mixed(colour, self.background, part)

    def _shade(self, hue: str, n: int) -> str:
        return (hue, _mixed(hue, self.text, 1 - INK), _mixed(hue, self.background, 1 - PAPER))[n % 3]


def _mixed(colour: str, other: str, part: float) -> str:
    one, two = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (colour, other))
    return "#" + "".join(f"{round(part * a + (1 - part) * b):02x}" for a, b in zip(one, two, strict=True))


LIGHT = Palette(
    human="#46525f",
    series=("#0b6ba8", "#c2500a", "#0a7d5c", "#8a3f9e", "#604a20", "#862d59"),
    text="#0f1720",
    background="#ffffff",
    rule="#7d8894",
)
"""The app's light palette, for charts drawn without the app; a test compares it with .streamlit/config.toml."""
