"""What a tuning is asked to do: which model, whose answers, which questions and countries, and how."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from core.errors import InputError, said
from core.types import KINDS, NEWEST_EDITION, Card, Frozen, Language, LocalText, QuestionKind, TunedBy

Part = Literal["countries", "questions", "seen"]
"""A set of fixed prompts: trained questions in other countries, other questions in trained countries, trained ones."""
PARTS: tuple[Part, ...] = ("countries", "questions", "seen")
TuningAudit = "tuning"
"""The value of ``audit`` in a spec file of a tuning."""


class Tuning(Frozen):
    """One tuning.

    Whose answers: ``countries`` are trained on (all, unless named); ``validation_countries`` and ``test_countries`` are
    left out of training. ``group`` names one group of each country, such as ``18-29``; empty means everybody. ``told``
    says whether the prompt names the country, or nobody, so that the model's own voice is tuned. ``shuffle`` gives each
    country the answers of another one, drawn anew for each question: a control that can learn questions, and no
    country.

    Which questions: those of ``kinds`` in ``train_batteries``, ``validation_batteries`` and ``test_batteries``. A
    battery is in one part only, so that no near twin of a test question is trained on.

    How: ``method`` ``lora`` trains matrices of ``rank`` rows beside the layers ``targets``, ``full`` all weights. A
    step sees ``prompts_per_step`` prompts, each another question while there are enough, in a printed order that is
    drawn from all of them. The loss is KL(people || model) over the options, weighted by the effective sample size,
    plus ``valid_weight`` times -log of the probability on any option. ``decay`` is the share by which weights return to
    those of the base in a step, as a multiple of ``rate``. After every ``check_every`` steps the parts in ``stop_on``
    are measured with ``check_prompts`` prompts each; training ends after ``patience`` checks without gain, and the
    weights of the best check are kept.
    """

    model: str
    method: TunedBy = "lora"
    rank: int = Field(default=4, ge=1, le=256)
    targets: tuple[str, ...] = ("q_proj", "v_proj")
    countries: tuple[str, ...] = ()
    validation_countries: tuple[str, ...] = ()
    test_countries: tuple[str, ...] = ()
    group: str = ""
    told: Literal["country", "nobody"] = "country"
    shuffle: bool = False
    kinds: tuple[QuestionKind, ...] = KINDS
    train_batteries: tuple[str, ...] = Field(min_length=1)
    validation_batteries: tuple[str, ...] = ()
    test_batteries: tuple[str, ...] = ()
    languages: tuple[Language, ...] = Field(default=("en", "zh"), min_length=1)
    edition: Literal[1, 2] = NEWEST_EDITION
    steps: int = Field(default=100, ge=1, le=100_000)
    prompts_per_step: int = Field(default=16, ge=1, le=1024)
    rate: float = Field(default=1e-3, gt=0, le=0.1)
    warmup: int = Field(default=5, ge=0)
    decay: float = Field(default=0.0, ge=0, le=10)
    valid_weight: float = Field(default=0.3, ge=0, le=10)
    check_every: int = Field(default=20, ge=1)
    check_prompts: int = Field(default=24, ge=1, le=2000)
    stop_on: tuple[Part, ...] = Field(default=("countries", "questions"), min_length=1)
    patience: int = Field(default=3, ge=1)
    seed: int = 0

    @model_validator(mode="after")
    def _parts_are_apart(self) -> Self:
        for what in (
            (self.train_batteries, self.validation_batteries, self.test_batteries),
            (self.countries, self.validation_countries, self.test_countries),
        ):
            named = [name for part in what for name in part]
            if twice := sorted({name for name in named if named.count(name) > 1}):
                raise ValueError(f"{', '.join(twice)}: in two parts")
        return self


class TuningOrder(Frozen):
    """The content of a spec file of a tuning: the id of the model to be made, its title, a note, and the spec."""

    id: str = Field(pattern=Card.model_fields["id"].metadata[0].pattern)
    title: LocalText
    note: LocalText
    spec: Tuning


def read_tuning(values: dict[str, Any], name: str) -> TuningOrder:
    """The order in ``values``, the content of the file ``name``. Raises :class:`InputError` that names the field."""
    if values.get("audit", TuningAudit) != TuningAudit:
        raise InputError(said("tuning_is_run", file=name))
    try:
        return TuningOrder.model_validate({key: value for key, value in values.items() if key != "audit"})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        raise InputError(said("tuning_spec", file=name, what=f"{where}: {what}" if where else what)) from error
