"""The requirements of Parallax, from the pyproject.toml of a checkout or the metadata of an installed package."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"
NAME = "parallax"


class Needs(NamedTuple):
    """The libraries that everything needs, those of models on this computer, and those of the app's pages."""

    core: tuple[Requirement, ...]
    local: tuple[Requirement, ...]
    app: tuple[Requirement, ...]


def needs(pyproject: Path = PYPROJECT) -> Needs:
    """All three lists. Raises ``PackageNotFoundError`` where there is neither a checkout nor an installed package."""
    if pyproject.is_file():
        project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
        extras = project["optional-dependencies"]
        return Needs(
            *(tuple(map(Requirement, part)) for part in (project["dependencies"], extras["local"], extras["app"]))
        )
    every = [Requirement(text) for text in metadata.requires(NAME) or ()]
    return Needs(
        tuple(one for one in every if one.marker is None or one.marker.evaluate({"extra": ""})),
        tuple(_of_extra(every, "local")),
        tuple(_of_extra(every, "app")),
    )


def _of_extra(every: list[Requirement], extra: str) -> list[Requirement]:
    return [
        one
        for one in every
        if one.marker is not None and not one.marker.evaluate({"extra": ""}) and one.marker.evaluate({"extra": extra})
    ]
