"""What people answered around the world: places on one question, what sets a country apart, which models are near.

An answer is expressed as one number from 0 to 1 (:func:`scoring`): the mean place on an ordered scale, or the share
that chose one option where the options have no order.
"""

from core.findings.world.apart import ENDS, Apart, group_gaps, standing_apart, world_answers
from core.findings.world.indices import INDICES, Index, index_values
from core.findings.world.league import about, clearly_nearer, rankable, ranked_models
from core.findings.world.nearness import (
    BASIS,
    EVEN,
    OTHERS,
    Basis,
    Fields,
    common_fields,
    mean_fields,
    order_likeness,
    ranked,
)
from core.findings.world.people import GROUPS, people, scoring

__all__ = [
    "BASIS",
    "ENDS",
    "EVEN",
    "GROUPS",
    "INDICES",
    "OTHERS",
    "Apart",
    "Basis",
    "Fields",
    "Index",
    "about",
    "clearly_nearer",
    "common_fields",
    "group_gaps",
    "index_values",
    "mean_fields",
    "order_likeness",
    "people",
    "rankable",
    "ranked",
    "ranked_models",
    "scoring",
    "standing_apart",
    "world_answers",
]
