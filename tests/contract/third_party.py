"""A package of somebody else's, written into a folder as pip would: a survey, a provider and an audit, and broken ones.

Its survey has a Q3, as the shipped one has, and asks something else by it.
"""

from pathlib import Path

SURVEY = """
import pandas as pd

from core.surveys.base import NotAsked, group_of
from core.errors import InputError
from core.types import LocalText, Option, Question, Reference

SHARES = {"CHN": (0.7, 0.3), "USA": (0.4, 0.6), "FRA": (0.5, 0.5)}


def both(text):
    return LocalText(en=text, zh=text)


class Townspeople:
    id = "town"
    title = "Survey of three towns"
    licence = "Public domain"
    source = "Made up for a test."
    years = (2020, 2021)
    _question = Question(
        id="Q3", survey="town", topic="gardens", short=both("Gardens"), stem=both("Do you like gardens?"),
        options=(Option(code=1, text=both("Yes")), Option(code=2, text=both("No"))), scale="ordinal", polarity=-1,
    )

    def countries(self):
        return tuple(sorted(SHARES))

    def questions(self):
        return {"Q3": self._question}

    def _known(self, question_id):
        if question_id != "Q3":
            raise InputError(f"There is no question {question_id}.")

    def reference(self, question_id, persona):
        self._known(question_id)
        if persona.country not in SHARES:
            reason = "no_country" if persona.country is None else "not_asked"
            return NotAsked(question_id=question_id, country=persona.country, reason=reason)
        return Reference(
            question_id=question_id, country=persona.country, dimension="all", group="all", codes=(1, 2),
            shares=SHARES[persona.country], n=100, n_eff=100.0, weight_status="unit", year=2020, survey=self.id,
            matched="exact" if group_of(persona) == ("all", "all") else "country",
        )

    def mean_of_others(self, question_id, country):
        self._known(question_id)
        others = [shares for name, shares in SHARES.items() if name != country]
        return tuple(sum(column) / len(others) for column in zip(*others)) if others else None

    def groups(self, question_id, country, dimension):
        self._known(question_id)
        columns = ["group", "code", "share", "n", "n_eff", "weight_status", "year"]
        shares = SHARES.get(country, ()) if dimension == "all" else ()
        rows = [("all", code, share, 100, 100.0, "unit", 2020) for code, share in enumerate(shares, 1)]
        return pd.DataFrame(rows, columns=columns)
"""

PROVIDER = """
from core.providers.mock import MockProvider


class Echo(MockProvider):
    name = "echo"

    def revision(self, model):
        return "echo-1"
"""

AUDIT = '''
import pandas as pd

from core.audits.base import Spec as AnySpec, fixed
from core.errors import InputError
from core.types import Cell


class Spec(AnySpec):
    """Which questions are put once, as a text."""

    questions: tuple[str, ...]


class Silence:
    """How often does a model not answer?"""

    name = "silence"
    Spec = Spec

    def stages(self, spec, bank):
        for model in spec.models:
            if model not in bank.models:
                raise InputError(f"There is no model {model}.")
        cells = [
            Cell(kind="text", model=bank.models[model], question=bank.questions[question])
            for model in spec.models
            for question in spec.questions
        ]
        yield fixed(cells)

    def scores(self, answers, bank):
        rows = [(row.model_id, row.question_id, row.outcome != "option") for row in answers]
        return {"silence": pd.DataFrame(rows, columns=["model_id", "question_id", "silent"])}
'''

BROKEN = """
def raises():
    raise RuntimeError("the file of answers is missing")


class Bare:
    id = "bare"


class Renamed(Bare):
    id = "another"
"""

ENTRY_POINTS = {
    "parallax.surveys": {"town": "town_survey:Townspeople"},
    "parallax.providers": {"echo": "town_provider:Echo"},
    "parallax.audits": {"silence": "town_audit:Silence"},
}
BROKEN_POINTS = {
    "parallax.surveys": {
        "gone": "no_such_module:Survey",
        "raising": "town_broken:raises",
        "bare": "town_broken:Bare",
        "wvs7": "town_survey:Townspeople",
        "Bad Name": "town_survey:Townspeople",
        "elsewhere": "town_survey:Townspeople",
    },
}
MODELS = """
[echo]
name = "Echo"
provider = "echo"
remote_id = "echo"
developer = "A test"
family = "Echo"
link = "https://example.org"
[echo.origin]
base = "other"
tuner = "other"
[echo.capabilities]
logprobs = "full"
"""


def install(folder: Path, name: str = "townsfolk", points: dict[str, dict[str, str]] = ENTRY_POINTS) -> Path:
    """Write the package and its metadata into ``folder``, which is then to stand on ``sys.path``."""
    for module, text in (("survey", SURVEY), ("provider", PROVIDER), ("audit", AUDIT), ("broken", BROKEN)):
        (folder / f"town_{module}.py").write_text(text, "utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    groups = [[f"[{group}]", *(f"{one} = {where}" for one, where in given.items())] for group, given in points.items()]
    (info / "entry_points.txt").write_text("\n\n".join("\n".join(lines) for lines in groups), "utf-8")
    (folder / "models.toml").write_text(MODELS, "utf-8")
    return folder
