"""Warns where another model than the one that was asked has answered, or several models answered to one name."""

from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from core.providers.served import another_answered
from core.store.index.served import served_names
from core.text import plain
from pages.parts.shared import resources
from pages.parts.shared.names import model_name
from pages.parts.shared.texts import listed, number, t


def show_served(run_ids: Sequence[str]) -> None:
    """Show one warning for each model of ``run_ids`` to whose name another model, or several, have answered."""
    found = served_names(resources.store(), run_ids)
    for line in served_words(found):
        st.warning(line, icon=":material/swap_horiz:")


def served_words(found: pd.DataFrame) -> list[str]:
    """The texts of the warnings; ``found`` is a frame of :func:`core.store.index.served.served_names`."""
    known, lines = resources.models(), []
    for model_id, part in found.groupby("model_id", sort=False):
        model = known.get(str(model_id))
        name, asked = model_name(str(model_id)), model.remote_id if model else str(model_id)
        each = part.groupby("served_model", sort=False)["n"].sum()
        told = _told(each.items())
        if len(each) > 1:
            lines.append(t("served.several", model=plain(name), names=told))
        elif another_answered(asked, str(each.index[0])):
            lines.append(t("served.other", model=plain(name), asked=plain(asked), names=told))
    return lines


def _told(each: Iterable[tuple[object, int]]) -> str:
    return listed(t("served.counted", name=plain(str(name)), n=number(n)) for name, n in each)
