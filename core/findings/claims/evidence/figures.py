"""Published figures that were read off a chart. They are shown but never judged."""

from __future__ import annotations

import pandas as pd

from core.settings import DATA

FIGURES = DATA / "published" / "published_figures.csv"


def published_series() -> pd.DataFrame:
    """Figures of the DEF paper for the Mistral and Llama 3 series, read off a chart: model, series, population, value.

    ``value`` is a divergence in nats, lower is nearer; parse failures inflate it. It is shown but never judged.
    """
    frame = pd.read_csv(FIGURES)
    frame = frame[frame["metric"].str.startswith("KL")]
    frame = frame.assign(series=frame["model"].map(_published_series)).dropna(subset=["series"])
    return frame[["model", "series", "population", "value", "note"]].reset_index(drop=True)


def _published_series(model: str) -> str | None:
    words = model.lower()
    return "mistral" if "mistral" in words or "mixtral" in words else "llama3" if "llama-3" in words else None
