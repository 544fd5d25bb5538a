"""China and the West: where models stand between the people of China and of the USA, by three measures.

The published models and every model of the store answer the same 19 questions (Q177-Q195, 1..10). Each measure gives a
*lean*, positive where the USA is nearer: ``distance`` = mean absolute distance to China's mean answer less that to the
USA's (scale points); ``items`` = share of questions nearer to the USA less share nearer to China (-1..1); ``rank`` =
Spearman correlation with the USA over the questions less that with China (-2..2). They may disagree, and where they do
the disagreement is the finding.

Models of one developer are not independent, so what is said of an origin is uncertain in two ways
(:mod:`core.stats.two_way`); below :data:`FEW_DEVELOPERS` developers its interval is called rough all the
same.
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
