"""Links that anybody can send: every page, with every parameter that any page reads, holding garbage."""

import re
from pathlib import Path

import pytest

from tests.pages.test_pages import PAGES

SOURCE = "\n".join(p.read_text("utf-8") for p in (Path(__file__).resolve().parents[2] / "pages").rglob("*.py"))
SIDES = [f"{side}_{name}" for side in "ab" for name in ("m", "c", "age", "sex", "edu", "lang")]
NAMES = sorted(
    {
        *re.findall(r'restore_(?:one|many)\(\s*"([a-z_]+)"', SOURCE),
        *SIDES,
        *(
            "made",
            "family",
            "size",
            "reads",
            "cm",
            "cc",
            "domain",
            "domain2",
            "mlang",
            "mlang2",
            "ui",
            "oq",
            "oo",
            "os",
            "slide",
            "cell",
            "with",
            "mass",
            "mc",
            "kb",
            "kc",
            "kt",
            "nobody",
            "with_class",
            "class",
            "host",
            "me",
        ),
    }
)
GARBAGE = {
    "nul": ["\x00", "%00", "a\x00b"],
    "markup": ["<script>alert(1)</script>", "[x](javascript:alert(1))", "\u202e$x$", "{0}{name}"],
    "long": ["x" * 10_000],
    "repeated": [
        "",
        "CHN",
        "CHN",
        "USA",
        "en",
        "zh",
        "Q164",
        "mock",
        "no-such",
        "no-such~~en",
        "a~b~zh",
        "-1",
        "../..",
    ],
}


def test_the_parameters_of_the_pages_are_found():
    assert {"q", "m", "country", "run", "view", "smode", "s", "step", "cwl", "rm"} <= set(NAMES)


@pytest.mark.parametrize(
    "garbage",
    [["nul", "markup", "long"], pytest.param(["repeated"], marks=pytest.mark.slow)],
    ids=["garbage", "repeated"],
)
@pytest.mark.parametrize("page", PAGES)
def test_a_link_of_garbage_opens_the_page(app, page, garbage):
    given = [text for kind in garbage for text in GARBAGE[kind]]
    test = app(page, **dict.fromkeys(NAMES, given))
    assert not test.exception
    assert test.title


VIEWS = [("probe", "mode", "own"), ("probe", "mode", "free"), ("runs", "view", "new"), ("runs", "view", "compare")]
VIEWS += [("runs", "view", "sql"), ("stability", "smode", "live"), ("traces", "two", "two")]
VIEWS += [("learn", "with_class", "class"), ("learn", "join", "[x](y)<b>"), ("learn", "join", "ABCDE")]


@pytest.mark.parametrize(("page", "name", "value"), VIEWS, ids=[f"{p}-{v}" for p, _, v in VIEWS])
def test_a_link_of_garbage_opens_every_part_of_a_page(app, page, name, value):
    everything = [text for texts in GARBAGE.values() for text in texts]
    test = app(page, **(dict.fromkeys(NAMES, everything) | {name: value}))
    assert not test.exception
    assert test.title
