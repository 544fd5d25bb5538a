"""Simulated citizens: drawn from a country's real joint of age, sex and education, each with a region.

The seed, the country and the number determine everything about a respondent, so that every arm of an ablation asks the
same people.
"""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import numpy as np
from pydantic import Field

from core.errors import DataError, InputError, said
from core.once import once
from core.prompts.citizens import FRAMINGS
from core.settings import DATA
from core.types import Frozen, LocalText, Persona, digest

JOINT = DATA / "human" / "population_joint.csv"
REGIONS = DATA / "regions.toml"
TEMPERATURES = (0.6, 1.4)
"""Lowest and highest temperature that a respondent may be given; 1 is the model's own."""

TOP_PS = (0.8, 1.0)
"""Least and most probability that the likeliest options must hold before the rest is cut."""


class Region(Frozen):
    """A part of a country and its share of the population, 0..1."""

    id: str
    share: float = Field(gt=0, le=1)
    name: LocalText


class RegionList(Frozen):
    """The regions of one country, who counted them and when, and the public address of the figures."""

    source: str
    year: int
    address: str
    regions: tuple[Region, ...]


class Citizen(Frozen):
    """One respondent, with every source of diversity that an arm may switch on."""

    number: int
    persona: Persona
    region: str
    framing: int
    temperature: float
    top_p: float
    recalls: int


@once
def joint(path: Path = JOINT) -> dict[str, tuple[tuple[Persona, float], ...]]:
    """Kinds of people with their shares (sum 1) by country. Raises :class:`DataError`."""
    found: dict[str, list[tuple[Persona, float]]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                names = {"country": row["country_iso3"], **{k: row[k] for k in ("age", "sex", "education")}}
                person = Persona.model_validate(names)
                found.setdefault(row["country_iso3"], []).append((person, float(row["share"])))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(said("joint_unreadable", reason=error)) from error
    return {c: tuple((p, s / sum(x for _, x in rows)) for p, s in rows) for c, rows in found.items()}


def women_share(country: str) -> float:
    """Share of women, 0..1, among the survey's respondents of ``country``, from whom citizens are drawn.

    Nothing is raked to a census. Raises ``KeyError`` for a country without a joint, and :class:`DataError`.
    """
    return sum(share for person, share in joint()[country] if person.sex == "female")


@once
def region_lists(path: Path = REGIONS) -> dict[str, RegionList]:
    """Regions by country, shares rescaled to sum 1. A country without a list is absent. Raises :class:`DataError`."""
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
        out = {}
        for country, table in raw.items():
            counts = [_people(entry["count"]) for entry in table["regions"]]
            regions = tuple(
                Region(id=e["id"], share=count / sum(counts), name=LocalText(en=e["en"], zh=e["zh"]))
                for e, count in zip(table["regions"], counts, strict=True)
            )
            named = {name: table[name] for name in ("source", "year", "address")}
            out[country] = RegionList(regions=regions, **named)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(said("regions_unreadable", reason=error)) from error
    return out


def _people(count: float | dict[str, float]) -> float:
    """People of one region; where it combines several units, their people are added up."""
    return sum(count.values()) if isinstance(count, dict) else count


def region_of(country: str, region: str) -> Region | None:
    """The region of ``country`` with that id."""
    known = region_lists().get(country)
    return next((r for r in known.regions if r.id == region), None) if known else None


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers; equal ``what`` gives equal numbers."""
    return np.random.default_rng(int(digest([str(part) for part in what], 16), 16))


def citizens(country: str, n: int, seed: int, memory: int) -> list[Citizen]:
    """``n`` respondents of ``country``; ``memory`` is the most that one of them may recall.

    The sample is systematic: one random start, then equal steps through the cumulated shares. So each kind of person
    occurs n times its share, rounded up or down. Raises :class:`InputError` for a country without a joint.
    """
    if country not in joint():
        raise InputError(said("no_joint", name=country, known=", ".join(sorted(joint()))))
    kinds, shares = zip(*joint()[country], strict=True)
    rng = generator("citizens", seed, country)
    steps = (rng.random() + np.arange(n)) / n
    places = np.minimum(np.searchsorted(np.cumsum(shares), steps, "right"), len(kinds) - 1)
    places = rng.permutation(places)
    listed = region_lists().get(country)
    return [_citizen(number, kinds[place], listed, seed, memory) for number, place in enumerate(places, start=1)]


def _citizen(number: int, persona: Persona, listed: RegionList | None, seed: int, memory: int) -> Citizen:
    rng = generator("citizen", seed, persona.country, number)
    # Each random number is drawn even if it is not used: switching one source on must not change the others.
    where, framing, warmth, width, recalls = rng.random(5)
    region = ""
    if listed is not None:
        ends = np.cumsum([r.share for r in listed.regions])
        region = listed.regions[min(int(np.searchsorted(ends, where, "right")), len(ends) - 1)].id
    return Citizen(
        number=number,
        persona=persona,
        region=region,
        framing=int(framing * len(FRAMINGS)),
        temperature=round(TEMPERATURES[0] + warmth * (TEMPERATURES[1] - TEMPERATURES[0]), 2),
        top_p=round(TOP_PS[0] + width * (TOP_PS[1] - TOP_PS[0]), 2),
        recalls=1 + int(recalls * memory),
    )


def printed(citizen: Citizen, seed: int, question_id: str, k: int) -> tuple[int, ...]:
    """The order in which this respondent sees the ``k`` options of a question, the same in every arm."""
    rng = generator("order", seed, citizen.persona.country, citizen.number, question_id)
    return tuple(int(place) for place in rng.permutation(k))
