"""China and the West: where models are between the people of China and of the USA, by three measures.

The published models and every model of the store answer the same 19 questions (Q177-Q195, 1..10). Each measure gives a
*lean*, positive where the USA is nearer: ``distance`` = mean absolute distance to China's mean answer minus that to the
USA's (scale points); ``items`` = share of questions nearer to the USA minus share nearer to China (-1..1); ``rank`` =
Spearman correlation with the USA over the questions minus that with China (-2..2). They may disagree, and then the
disagreement is the finding.

Models of one developer are not independent. So the interval of an origin allows for the choice of questions and of
developers (:mod:`core.stats.two_way`). Below :data:`FEW_DEVELOPERS` developers it is still called rough.
"""

from core.findings.china_west.answers import (
    ANSWER_COLUMNS,
    GROUPS,
    MAKERS,
    PERSONAS,
    Publics,
    group_of,
    models_of,
    own_answers,
    publics,
    published_answers,
    wide,
)
from core.findings.china_west.measures import EVERY_ITEM, FEWEST_ITEMS, LEAST_LEAN, MEASURES, Measure, lean
from core.findings.china_west.origins import CONTRASTS, FEW_DEVELOPERS, Condition, effects, origins, overall
from core.findings.china_west.places import directions, measure_counts, places, plain_places

__all__ = [
    "ANSWER_COLUMNS",
    "CONTRASTS",
    "EVERY_ITEM",
    "FEWEST_ITEMS",
    "FEW_DEVELOPERS",
    "GROUPS",
    "LEAST_LEAN",
    "MAKERS",
    "MEASURES",
    "PERSONAS",
    "Condition",
    "Measure",
    "Publics",
    "directions",
    "effects",
    "group_of",
    "lean",
    "measure_counts",
    "models_of",
    "origins",
    "overall",
    "own_answers",
    "places",
    "plain_places",
    "publics",
    "published_answers",
    "wide",
]
