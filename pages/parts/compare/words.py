"""Sides, places, differences and gaps of the Compare page in words."""

import re
import shlex

import pandas as pd

from core.audits.stability.scores import AGAIN
from core.findings.compare import ALL_COUNTRIES, side_of
from core.text import plain
from pages.parts.shared.names import country, group_words, model_name, run_title
from pages.parts.shared.texts import day, number, paired, percent, t, term

SHARES = ("stability",)
"""Audits whose figures are shares and written in percent."""
SMALLEST_P = 0.001
_IN_CODE = re.compile(r"[`\[\]]|\s+")
"""Characters that would end inline code in a sentence; no id of a catalogue has them."""


def side_words(key: str, known: pd.DataFrame) -> str:
    """“SmolLM2 · English · all runs”, or with the title and date of one run."""
    side = side_of(key)
    where = t("compare.all_runs")
    if side.run_id is not None:
        line = known[known["key"] == key].iloc[0]
        where = f"{run_title(side.run_id, line['title'], '') or side.run_id} ({day(line['created'])})"
    return f"{model_name(side.model_id)} · {term('language', side.language)} · {where}"


def place_words(audit: str, place: str) -> str:
    """A country, a group or an axis."""
    if audit == "representation":
        dimension, _, group = place.partition(":")
        return paired(term("dimension", dimension), group_words(group))
    if audit == "stability":
        return t("compare.again") if place == AGAIN else term("stability_axis", place)
    return t("compare.all_countries") if place == ALL_COUNTRIES else country(place)


def figure(audit: str, value: float, signed: bool = False) -> str:
    """A figure of ``audit``: a share in percent, other figures with three decimals."""
    if pd.isna(value):
        return t("compare.unknown")
    return percent(value, 1, signed=signed) if audit in SHARES else number(value, 3, signed=signed)


def p_words(p: float) -> str:
    """A p-value with three decimals; “< 0.001” below that."""
    if pd.isna(p):
        return t("compare.unknown")
    return number(p, 3) if p >= SMALLEST_P else f"< {number(SMALLEST_P, 3)}"


def span(audit: str, row: pd.Series) -> str:
    """“+0.031 [+0.010, +0.052]”."""
    ends = [figure(audit, row[name], signed=True) for name in ("difference", "low", "high")]
    return f"{ends[0]} [{ends[1]}, {ends[2]}]"


def finding(audit: str, found: pd.DataFrame, names: dict[str, str], pinned: str) -> str:
    """One sentence: how many differences are more than noise, and the largest of them."""
    beyond = found[found["verdict"].isin(("higher", "lower"))]
    if (found["verdict"] == "same").all():
        return t("compare.finding_same", pinned=names[pinned], n=len(found), items=int(found["n"].max()))
    words = {"k": len(beyond), "m": len(found)}
    row = found.iloc[0]
    words |= {"place": place_words(audit, row["place"]), "side": names[row["side"]], "span": span(audit, row)}
    words |= {"pinned": names[pinned], "n": int(row["n"])}
    return t("compare.finding_beyond", **words) if len(beyond) else t("compare.finding_noise", **words)


def missing(audit: str, keys: list[str], names: dict[str, str], silent: dict[str, tuple[int, float]]) -> list[str]:
    """What each of ``keys`` lacks for ``audit``, and the command that would measure it, as Markdown.

    ``silent`` has the sides that were asked dilemmas and mostly chose no action: the number of dilemmas and the share
    of such readings.
    """
    lines = []
    for key in keys:
        side = side_of(key)
        if key in silent:
            dilemmas, share = silent[key]
            lines.append(t("compare.no_choice", side=plain(names[key]), n=dilemmas, share=percent(share)))
            continue
        model = shlex.quote(_IN_CODE.sub("", side.model_id))
        lines.append(term("compare_missing", audit, side=plain(names[key]), model=model, language=side.language))
    return lines


def difference_table(found: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """The difference charts as a table; ``found`` has a column ``audit``."""
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            t("compare.audit"): [term("compare_audit", row["audit"]) for row in rows],
            t("compare.place"): [place_words(row["audit"], row["place"]) for row in rows],
            t("compare.side"): [names[row["side"]] for row in rows],
            t("compare.difference"): [span(row["audit"], row) for row in rows],
            t("compare.verdict"): [term("compare_verdict", row["verdict"]) for row in rows],
            t("compare.p"): [p_words(row["p_adjusted"]) for row in rows],
            t("compare.items"): [int(row["n"]) for row in rows],
        }
    )


def clearest_first(found: pd.DataFrame) -> pd.DataFrame:
    """Differences of several audits in one order: beyond noise first, then by size divided by half the interval."""
    half = ((found["high"] - found["low"]) / 2).where(lambda width: width > 0)
    clear = (found["difference"].abs() / half).fillna(0.0)
    beyond = found["verdict"].isin(("higher", "lower"))
    order = found.assign(_beyond=beyond, _clear=clear)
    order = order.sort_values(["_beyond", "_clear"], ascending=False, kind="stable")
    return order.drop(columns=["_beyond", "_clear"]).reset_index(drop=True)
