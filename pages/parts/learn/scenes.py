"""What a pupil knows before a step of the lesson: the scene, and the question or dilemma itself."""

from core.findings.lesson import DILEMMA, ORDER_QUESTION, Lesson
from pages.parts.learn.data import lesson_dilemmas
from pages.parts.shared import resources
from pages.parts.shared.names import country
from pages.parts.shared.texts import term, ui_language


def scene(step: str, found: Lesson) -> str:
    """What to know before the prediction of a step."""
    taught = found.taught
    return term(
        "learn_scene",
        step,
        n=found.order.bias.n,
        total=found.dilemmas.total,
        country=country(taught.country),
        taught=taught.rank.questions,
        countries=taught.rank.countries,
    )


def material(step: str) -> str:
    """The question or the dilemma itself, in the reader's language, as Markdown; empty where a step has none."""
    language = ui_language()
    if step == "order":
        question = resources.questions()[ORDER_QUESTION]
        options = "\n".join(f"> - {option.text.get(language)}" for option in question.options)
        return f"> **{question.stem.get(language)}**\n>\n{options}"
    if step == "dilemmas":
        dilemma = lesson_dilemmas()[DILEMMA]
        first = dilemma.wordings[0]
        return (
            f"> **{dilemma.title.get(language)}**\n>\n> {first.situation.get(language)}\n>\n"
            f"> - {first.a.get(language)}\n> - {first.b.get(language)}"
        )
    return ""
