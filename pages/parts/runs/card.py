"""The origin of a run: everything that is needed to judge and to repeat it."""

import pandas as pd
import streamlit as st

from core.store import RunInfo
from core.store.index.outcomes import error_texts, outcomes
from core.store.index.reader import under_half
from core.text import plain
from core.types import Computation
from pages.parts.runs.data import ICON_OF, kind_word, status_of, word
from pages.parts.runs.ways import show_ways
from pages.parts.shared import resources
from pages.parts.shared.names import run_title
from pages.parts.shared.served import show_served
from pages.parts.shared.texts import moment, money, number, paired, t, term


def show_card(info: RunInfo) -> None:
    """Counts and dates on top; spec, versions and hashes in expanders."""
    store = resources.store()
    row = store.runs().set_index("run_id").loc[info.run_id]
    status = status_of(info.run_id, info.kind, info.status, store.path(info.run_id))
    st.subheader(plain(run_title(info.run_id, info.title, info.kind)), anchor=False)
    with st.container(horizontal=True):
        st.badge(term("run_status", status), icon=ICON_OF[status], color="gray")
        st.badge(plain(kind_word(info.kind)), color="gray")
        st.badge(t("runs.shipped") if row["shipped"] else t("runs.yours"), color="gray")
    if info.note:
        st.text(info.note)
    planned = info.counts.get("planned")
    kept = outcomes(store, info.run_id)
    one, two, three, four = st.columns([2, 2, 2, 3])
    one.metric(t("runs.answers"), number(row["rows"] - row["errors"]))
    two.metric(t("runs.planned"), t("runs.not_planned") if planned is None else number(planned))
    three.metric(t("runs.errors"), number(row["errors"]))
    cost = info.cost_usd
    four.metric(t("runs.cost"), t("runs.no_cost") if cost is None else money(cost))
    finished = t("runs.not_finished") if info.finished is None else moment(info.finished)
    st.caption(t("runs.dates", run=info.run_id, created=moment(info.created), finished=finished))
    if store.is_aggregated(info.run_id):
        st.caption(f":material/stacks: {t('runs.aggregated', n=int(row['rows']))}")
    show_served([info.run_id])
    _show_outcomes(kept)
    _show_beside(info.run_id)
    if row["rows"] > row["errors"]:
        show_ways(info)
    _show_errors(kept, info.run_id)
    with st.expander(t("runs.provenance"), icon=":material/fingerprint:"):
        st.caption(t("runs.provenance_help"))
        left, right = st.columns(2)
        with left:
            st.markdown(f"**{t('runs.revisions')}**")
            _pairs(info.models, t("runs.model"), t("runs.revision"))
            st.markdown(f"**{t('runs.prompts')}**")
            st.code("\n".join(sorted(info.prompts.values())) or "–", language=None)
        with right:
            st.markdown(f"**{t('runs.libraries')}**")
            _pairs(info.libraries, t("runs.library"), t("runs.version"))
            told = {name: " / ".join(_computation(one) for one in found) for name, found in info.computed.items()}
            if told:
                _pairs(told, t("runs.model"), t("runs.computed"))
        st.markdown(f"**{t('runs.spec')}**")
        st.json(info.spec if info.spec is not None else {}, expanded=1)
        st.markdown(f"**{t('runs.shards')}**")
        shards = [(name, entry.rows, entry.sha256) for name, entry in info.shards.items()]
        st.dataframe(pd.DataFrame(shards, columns=[t("runs.file"), t("runs.rows"), "SHA-256"]), hide_index=True)


def _pairs(values: dict[str, str] | dict[str, str | None], left: str, right: str) -> None:
    rows = [(name, value or t("runs.revision_unknown")) for name, value in values.items()]
    st.dataframe(pd.DataFrame(rows, columns=[left, right]), hide_index=True)


def _computation(one: Computation) -> str:
    return ", ".join(part for part in (one.number_format, one.device, one.processor) if part)


def _show_outcomes(kept: pd.DataFrame) -> None:
    if kept.empty:
        return
    whole = kept.groupby("outcome", sort=False)["n"].sum()
    st.markdown(" · ".join(paired(word("run_outcome", outcome), number(n)) for outcome, n in whole.items()))


def _show_beside(run_id: str) -> None:
    """How many readings say little, because most of the probability is outside the options."""
    beside = under_half(resources.store(), run_id)
    if beside:
        st.markdown(f":material/trending_down: {t('runs.under_half', n=beside)}")


def _show_errors(kept: pd.DataFrame, run_id: str) -> None:
    """Each kind of error in the reader's language, with the stored English words in an expander."""
    failed = kept[kept["error_kind"] != ""]
    if failed.empty:
        return
    kinds = [f"{number(row.n)} × {word('error_kind', row.error_kind)}" for row in failed.itertuples()]
    st.markdown("\n".join(f"- {kind}" for kind in kinds))
    with st.expander(t("runs.error_words"), icon=":material/report:"):
        st.caption(t("runs.error_words_help"))
        found = error_texts(resources.store(), run_id)
        kind_words = [word("error_kind", kind) for kind in found["error_kind"]]
        st.dataframe(
            pd.DataFrame(
                {t("runs.kind"): kind_words, t("runs.error_words"): found["error_text"], t("runs.errors"): found["n"]}
            ),
            hide_index=True,
            key="run_errors",
        )
