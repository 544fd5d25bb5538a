"""The nouns of Parallax, as frozen pydantic models.

Every other module speaks in these. They hold data and the few facts that follow from it alone; they read no
file, call no model and know no interface text.
"""

from __future__ import annotations

from core.types.answers import (
    Call,
    Message,
    OptionAnswer,
    OptionDistribution,
    OptionRequest,
    Prompt,
    TextAnswer,
    TextRequest,
    TopToken,
)
from core.types.cells import (
    Cell,
    Outcome,
    Response,
    cell_id,
)
from core.types.computing import Computation
from core.types.models import (
    Capabilities,
    Method,
    Model,
    Origin,
)
from core.types.plain import (
    Frozen,
    canonical_json,
    digest,
)
from core.types.questions import (
    AGES,
    EDUCATIONS,
    LABELS,
    LANGUAGES,
    PLAIN_SURVEYS,
    SEXES,
    Age,
    Education,
    GroupDimension,
    Language,
    LocalText,
    Option,
    Persona,
    Question,
    Reference,
    ScaleKind,
    Settled,
    Sex,
    Variant,
    WeightStatus,
    as_scale_order,
    cyclic_orders,
    question_key,
)

__all__ = [
    "AGES",
    "EDUCATIONS",
    "LABELS",
    "LANGUAGES",
    "PLAIN_SURVEYS",
    "SEXES",
    "Age",
    "Call",
    "Capabilities",
    "Cell",
    "Computation",
    "Education",
    "Frozen",
    "GroupDimension",
    "Language",
    "LocalText",
    "Message",
    "Method",
    "Model",
    "Option",
    "OptionAnswer",
    "OptionDistribution",
    "OptionRequest",
    "Origin",
    "Outcome",
    "Persona",
    "Prompt",
    "Question",
    "Reference",
    "Response",
    "ScaleKind",
    "Settled",
    "Sex",
    "TextAnswer",
    "TextRequest",
    "TopToken",
    "Variant",
    "WeightStatus",
    "as_scale_order",
    "canonical_json",
    "cell_id",
    "cyclic_orders",
    "digest",
    "question_key",
]
