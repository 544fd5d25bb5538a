"""The answers of models to one question: as a table, as a chart, and compared with people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import ConfigDict

from core import i18n
from core.api.people import People
from core.audits.against_people import compare
from core.audits.alignment.audit import Reading
from core.audits.alignment.shares import share_frame
from core.errors import InputError, ParallaxError, said
from core.types import Frozen, Language, Model, Question, Response

if TYPE_CHECKING:
    import altair as alt


class Answers(Frozen):
    """Answers to one ``question``.

    ``readings`` has one entry a model, person and prompt language, averaged over the printed orders of the options.
    ``rows`` are the stored answers behind them. ``problems`` are the errors of what could not be asked or stored.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    question: Question
    models: Mapping[str, Model]
    readings: tuple[Reading, ...]
    rows: tuple[Response, ...]
    problems: tuple[ParallaxError, ...] = ()

    @property
    def prompts(self) -> tuple[str, ...]:
        """Every prompt as the model read it, in the order in which they were asked.

        >>> import core as px
        >>> len(px.ask("Q57", model="mock", text=False).prompts)
        2
        """
        return tuple(dict.fromkeys(row.rendered_prompt for row in self.rows))

    def frame(self) -> pd.DataFrame:
        """One row a reading and option, in scale order.

        Columns: model_id, persona (``country|age|sex|education``, empty parts at the end left out), language, code,
        option (in the prompt language), probability (0..1, sums to 1 over the options), valid_mass (0..1, what lay on
        any option before), method, n (samples, where it was sampled), position_bias, text_agrees, created.
        """
        rows = [
            {
                "model_id": reading.model_id,
                "persona": who(reading),
                "language": reading.language,
                "code": option.code,
                "option": option.text.get(reading.language),
                "probability": probability,
                "valid_mass": reading.distribution.valid_mass,
                "method": reading.distribution.method,
                "n": reading.distribution.n,
                "position_bias": reading.position_bias,
                "text_agrees": reading.text_agrees,
                "created": reading.created,
            }
            for reading in self.readings
            for option, probability in zip(self.question.options, reading.distribution.probabilities, strict=True)
        ]
        return pd.DataFrame(rows)

    def plot(self, people: People | None = None, language: Language = "en") -> alt.LayerChart:
        """A bar chart of every answer by option; ``people`` adds their shares with intervals.

        >>> import core as px
        >>> px.ask("Q57", model="mock").plot(px.people("Q57", "CHN")).to_dict()["layer"][0]["mark"]["type"]
        'bar'
        """
        from core.charts.options import option_bars
        from core.charts.palette import LIGHT

        t = i18n.texts(language)
        reference = None if people is None else self._same_question(people).reference
        crowd = "" if reference is None else f"{reference.country}: {t('series.people', n=f'{reference.n:,}')}"
        sides = {name: model.origin.side for name, model in self.models.items()}
        frame = share_frame(
            self.question,
            reference,
            self.readings,
            self._name,
            lambda one: sides[one.model_id],
            self._name,
            crowd,
            language,
        )
        return option_bars(frame, LIGHT, t)

    def compare(self, people: People) -> pd.DataFrame:
        """The distance of each reading from ``people``, one row a reading.

        Columns: model_id, persona, language, measure (``emd`` on ordered options, else ``total_variation``), distance
        (0..1), uniform (what an even guess has), others (what the mean of the other countries has), skill_uniform and
        skill_others (1 - distance / baseline, at most 1), floor_low and floor_high (5 % and 95 % points of what a
        perfect answer of the size of the survey's sample would have), jsd (bits), entropy and human_entropy (bits). A
        reading with no mass on any option is NaN. Raises :class:`InputError` where ``people`` answered something else.

        >>> import core as px
        >>> a = px.ask("Q57", model="mock", personas=["CHN"])
        >>> a.compare(px.people("Q57", "CHN"))["measure"].unique().tolist()
        ['total_variation']
        """
        given = self._same_question(people)
        rows = []
        for reading in self.readings:
            found = compare(reading.distribution, given.reference, self.question, given.others)
            values = {} if found is None else found.model_dump()
            measure = {"measure": values.pop("name", None)}
            names = {"model_id": reading.model_id, "persona": who(reading), "language": reading.language}
            rows.append({**names, **measure, **values})
        return pd.DataFrame(rows)

    def _same_question(self, people: People) -> People:
        if people.question != self.question:
            raise InputError(said("people_other_question", theirs=people.question.id, ours=self.question.id))
        return people

    def _name(self, reading: Reading) -> str:
        model = self.models[reading.model_id].name
        languages = {one.language for one in self.readings}
        named = f"{model} ({reading.language})" if len(languages) > 1 else model
        return f"{named}, {who(reading) or 'no persona'}"

    def __repr__(self) -> str:
        models = ", ".join(dict.fromkeys(reading.model_id for reading in self.readings))
        failed = f"; {len(self.problems)} problems, see .problems" if self.problems else ""
        return f"Answers to {self.question.id}: {len(self.readings)} readings of {models}{failed}"

    __str__ = __repr__  # print() would show every field, prompts and all


def who(reading: Reading) -> str:
    """The person of a reading as text, without empty parts at the end: ``USA|18-29``.

    Empty for a reading without a person.
    """
    return reading.persona.key.rstrip("|")
