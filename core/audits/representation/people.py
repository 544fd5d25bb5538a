"""The people that a model is compared with in a Representation audit: the groups of a country, question by question.

All of this depends on people only, so it is cached and every model that is compared shares it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core.audits.representation.plan import GROUPS, persona_of
from core.stats.distances import Array
from core.stats.gaps import against_others
from core.stats.groups import HumanGaps, Item, Thinned, distances_to, human_gaps, thin
from core.surveys import Survey
from core.surveys.base import NotAsked, state_of
from core.surveys.batteries import battery_of
from core.types import GroupDimension, Persona, Reference

_MOST_KEPT = 128
_PEOPLE: WeakKeyDictionary[Survey, OrderedDict[tuple[Any, ...], Any]] = WeakKeyDictionary()


class Known(NamedTuple):
    """The survey data of one question: the groups and the whole country.

    ``shares`` (groups, options) and ``n`` (groups,), effective respondents, are those of ``groups``.
    """

    groups: tuple[Reference, ...]
    whole: Reference
    battery: str
    ordinal: bool
    shares: Array
    n: Array

    def item(self, model: Array) -> Item:
        """The question with the answers ``model`` of :class:`core.stats.groups.Item`."""
        return Item(model, self.shares, self.n, self.ordinal)


class People(NamedTuple):
    """The measures that do not depend on the model: the gaps of the groups and the baselines' levelled distances.

    ``thinned`` are the thinned people, for any model; ``even`` and ``whole`` are (questions, groups), and so are their
    gaps (:func:`core.stats.gaps.against_others`) and ``n``, the respondents. ``facts`` has for each group the columns
    ``n`` (median), ``weight_status``, ``years`` and ``source``.
    """

    human: HumanGaps
    even: Array
    whole: Array
    thinned: Thinned
    gap_even: Array
    gap_whole: Array
    n: NDArray[np.int64]
    facts: tuple[dict[str, Any], ...]


def kept(survey: Survey, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """The result of ``make``, cached for ``survey`` as it is now under ``key``; what was used last is kept."""
    mine, key = _PEOPLE.setdefault(survey, OrderedDict()), (state_of(survey), *key)
    if key in mine:
        mine.move_to_end(key)
    else:
        mine[key] = make()
        while len(mine) > _MOST_KEPT:
            mine.popitem(last=False)
    return mine[key]


def known_people(
    survey: Survey, country: str, dimension: GroupDimension, ids: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, Known]]:
    """Groups that at least half of the questions have, and the survey data of each question that has all of them."""
    key = ("known", country, dimension, tuple(ids))
    found: tuple[tuple[str, ...], dict[str, Known]] = kept(survey, key, lambda: _known(survey, country, dimension, ids))
    return found


def _known(
    survey: Survey, country: str, dimension: GroupDimension, ids: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, Known]]:
    personas = {group: persona_of(country, dimension, group) for group in GROUPS[dimension]}
    everybody = Persona(country=country)
    wholes: dict[str, Reference | NotAsked] = kept(survey, ("whole", country), dict)
    exact: dict[str, dict[str, Reference]] = kept(survey, ("exact", country, dimension), dict)
    questions = survey.questions()
    for name in ids:
        if name not in exact:
            references = {group: survey.reference(name, persona) for group, persona in personas.items()}
            exact[name] = {g: r for g, r in references.items() if isinstance(r, Reference) and r.matched == "exact"}
    found = {name: exact[name] for name in ids if exact[name]}
    groups = tuple(g for g in personas if 2 * sum(g in r for r in found.values()) >= max(1, len(found)))
    full = {}
    for name, by_group in found.items():
        if name not in wholes:
            wholes[name] = survey.reference(name, everybody)
        whole, question = wholes[name], questions[name]
        if all(g in by_group for g in groups) and isinstance(whole, Reference):
            people = tuple(by_group[g] for g in groups)
            shares, n = np.array([r.shares for r in people]), np.array([r.n_eff for r in people])
            full[name] = Known(people, whole, battery_of(question), question.scale == "ordinal", shares, n)
    return groups, full


def people_of(known: Sequence[Known], seed: int) -> People:
    """:class:`People` of ``known``. The even guess gives each option 1/K; the whole answers all groups alike."""
    flat = [one.item(np.full(one.shares.shape[-1], 1 / one.shares.shape[-1])) for one in known]
    same = [one.item(np.array(one.whole.shares)) for one in known]
    thinned = thin(flat, np.random.default_rng(seed))
    even, whole = distances_to(thinned, flat), distances_to(thinned, same)
    human = human_gaps(flat, np.random.default_rng(seed))
    n = np.array([[reference.n for reference in one.groups] for one in known])
    gaps = against_others(even), against_others(whole)
    facts = tuple(_facts(references) for references in zip(*(one.groups for one in known), strict=True))
    return People(human, even, whole, thinned, *gaps, n, facts)


def _facts(references: Sequence[Reference]) -> dict[str, Any]:
    return {
        "n": int(np.median([one.n for one in references])),
        "weight_status": ", ".join(sorted({one.weight_status for one in references})),
        "years": ", ".join(str(year) for year in sorted({one.year for one in references})),
        "source": ", ".join(sorted({one.survey for one in references})),
    }
