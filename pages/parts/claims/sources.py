"""Bodies of evidence in words: their names, how they are measured, and which of them a verdict uses."""

from collections.abc import Iterable

from core.findings.claims.sources import RULES, SHOWN, deciding, disagreeing
from core.findings.claims.verdicts import Outcome
from pages.parts.shared.texts import listed, paired, t, term


def added(stream: str) -> bool:
    """Whether ``stream`` is a source of :mod:`core.findings.claims.sources`, with words of its own."""
    return any(stream in rules for rules in RULES.values())


def stream_name(stream: str) -> str:
    """The name of a body of evidence."""
    return term("evidence", stream) if added(stream) else term("claim_stream", stream)


def unit(claim: str, stream: str) -> str:
    """The unit of the values of a body of evidence."""
    return term("evidence_unit", stream) if added(stream) else term("claim_unit", claim)


def sources_of_verdict(outcome: Outcome) -> str:
    """The bodies of evidence that a verdict names, and the verdict of each where they contradict each other."""
    if torn := disagreeing(outcome):
        said = [paired(stream_name(name), term("claim_verdict", verdict)) for name, verdict in torn.items()]
        return t("evidence_words.disagree", list=listed(said))
    names = [stream_name(name) for name in deciding(outcome)]
    return t("evidence_words.rests", names=listed(names)) if names else t("evidence_words.rests_none")


def source_words(streams: Iterable[str]) -> list[str]:
    """How each added source of a card is measured, and whether it counts in the verdict."""
    lines = []
    for stream in streams:
        if added(stream):
            line = paired(f"**{stream_name(stream)}**", term("evidence_test", stream))
            lines.append(f"{line} {t('evidence_words.shown')}" if stream in SHOWN else line)
    return lines
