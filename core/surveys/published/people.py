"""Answers of people in the published studies: moral foundations in 21 countries, cultural axes of 118 places."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.once import once
from core.surveys.published.studies import FOLDER, read_file

MFQ_MEAN = "mean, 1..5"


def foundation_means(folder: Path = FOLDER) -> pd.DataFrame:
    """Mean of each moral foundation among people, places x foundations, 1..5.

    China and the USA come from the study that asked the models, the 19 others from Atari et al. 2023. All are online
    panels, not samples of a nation.
    """
    return _foundations(folder).copy()


@once
def _foundations(folder: Path) -> pd.DataFrame:
    raw = read_file("people", folder)
    mine = raw[raw["scale"].str.startswith("MFQ-2") & (raw["statistic"] == MFQ_MEAN)]
    return mine.pivot(index="place", columns="scale", values="value").rename_axis(columns=None)


def cultural_axes(folder: Path = FOLDER) -> pd.DataFrame:
    """Inglehart-Welzel scores, one row per place and year: place, year, ``secular``, ``expression``.

    ``secular`` rises from traditional to secular-rational values, ``expression`` from survival to self-expression. The
    second axis has the opposite sign in the source (Sweden 2017 is -3.11 there), so it is reversed here.
    """
    return _axes(folder).copy()


@once
def _axes(folder: Path) -> pd.DataFrame:
    raw = read_file("people", folder)
    mine = raw[raw["statistic"] == "country score"]
    first = mine["scale"].str.startswith("traditional")
    named = mine.assign(axis=first.map({True: "secular", False: "expression"}), year=mine["year"].astype(int))
    wide = named.pivot(index=["place", "year"], columns="axis", values="value").rename_axis(columns=None).reset_index()
    return wide.assign(expression=-wide["expression"])[["place", "year", "secular", "expression"]]
