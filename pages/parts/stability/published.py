"""Published drift beside the reader's own waves: four months of political lean, by calendar and by release."""

import pandas as pd
import streamlit as st

from core.findings.claims.evidence import lean_steps
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import number, t, term


@st.cache_data(show_spinner=False)
def steps() -> pd.DataFrame:
    """The steps from one month to the next, for every developer of the study."""
    return lean_steps()


def show_published_drift() -> None:
    """How far the calendar alone moved a model, and how far a release did; each with its source."""
    found = steps()
    size = found["change"].abs().groupby(found["kind"])
    each = {
        kind: {"mean": number(part.mean(), 3), "n": len(part), "most": number(part.max(), 3)} for kind, part in size
    }
    st.markdown(f"**{t('drift.title')}**")
    lines = (t("drift.calendar", **each["calendar"]), t("drift.release", **each["release"]), t("drift.redirect"))
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.dataframe(steps_table(found), hide_index=True, key="published_drift")
    st.caption(source_line("lean"))


def steps_table(found: pd.DataFrame) -> pd.DataFrame:
    """Every step from a month to the next, in words."""
    return pd.DataFrame(
        {
            t("drift.before"): found["before"] + " · " + found["month_before"],
            t("drift.after"): found["after"] + " · " + found["month_after"],
            t("drift.kind"): [term("drift_kind", kind) for kind in found["kind"]],
            t("drift.change"): [number(change, 3, signed=True) for change in found["change"]],
        }
    )
