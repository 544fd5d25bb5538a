"""Published measurements of others: mean answers to survey questions, and figures of eight further studies.

:mod:`.justifiable` has 17 models' answers to Q177-Q195. :mod:`.figures` reads the model files of :data:`STUDIES`, and
:mod:`.people` the answers of people in these studies.
"""

from core.surveys.published.figures import FIGURE_COLUMNS, figures
from core.surveys.published.justifiable import (
    ITEMS,
    LEAST_LEAN,
    MODEL_MEANS,
    PersonaCountry,
    baselines,
    item_questions,
    item_table,
    lean_counts,
    mean_of_the_others,
    model_means,
    own_survey,
    positions,
)
from core.surveys.published.people import cultural_axes, foundation_means
from core.surveys.published.studies import QUOTED, STUDIES, Study, Terms, study

__all__ = [
    "FIGURE_COLUMNS",
    "ITEMS",
    "LEAST_LEAN",
    "MODEL_MEANS",
    "QUOTED",
    "STUDIES",
    "PersonaCountry",
    "Study",
    "Terms",
    "baselines",
    "cultural_axes",
    "figures",
    "foundation_means",
    "item_questions",
    "item_table",
    "lean_counts",
    "mean_of_the_others",
    "model_means",
    "own_survey",
    "positions",
    "study",
]
