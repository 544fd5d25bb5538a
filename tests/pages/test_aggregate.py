"""A large run on the pages: opened through its aggregate it shows what it shows with its answers in memory."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from core.runs.bank import load_bank
from core.store import RunFolder, Store
from core.store.index.aggregates import NEVER
from core.store.index.make_aggregate import make_aggregate
from core.types import DEFAULT_KINDS
from pages.parts.shared import resources
from tests.unit.store_rows import START, info, row

RUN = "large-run"


@pytest.fixture
def large(tmp_path):
    """A run of made-up answers of two models as people of two countries, with its aggregate."""
    rng, rows = np.random.default_rng(3), []
    questions = [one for one in load_bank().questions.values() if one.kind in DEFAULT_KINDS][:24]
    for model in ("qwen2.5-0.5b-instruct", "smollm2-1.7b-instruct"):
        for question in questions:
            for country, sex in ((None, None), ("CHN", None), ("USA", None), ("CHN", "female"), ("CHN", "male")):
                for codes in (question.codes, question.codes[::-1]):
                    mass = tuple(rng.dirichlet(np.ones(len(codes))) * 0.9)
                    made = {"model_id": model, "provider": "local", "question_id": question.id, "codes": codes}
                    told = {"country": country, "sex": sex, "language": "en", "mass": mass, "valid_mass": sum(mass)}
                    when = START + timedelta(seconds=len(rows))
                    rows.append(row(len(rows), RUN, created=when, parsed_code=codes[0], **made, **told))
    with RunFolder.create(tmp_path / "runs", info(RUN, kind="representation", status="done")) as folder:
        folder.append(rows)
    make_aggregate(folder.path)
    return tmp_path / "runs", len(rows)


def shown(test) -> list[object]:
    """Everything that a page says, and its tables."""
    assert not test.exception
    words = [part.value for kind in ("markdown", "caption", "info", "warning", "metric") for part in test.get(kind)]
    frames = [part.value for part in test.dataframe]
    return [*words, *(pd.DataFrame(frame).round(9).to_dict("list") for frame in frames)]


@pytest.mark.parametrize("page", ["alignment", "representation"])
def test_pages_on_readings_show_the_same(app, large, monkeypatch, page):
    seen = []
    for above in (50, NEVER):
        monkeypatch.setenv("PARALLAX_KEEP_FRAMES", "0")
        monkeypatch.setattr("core.store.open_store", lambda above=above: Store(large[0], aggregate_above=above))
        st.cache_resource.clear()
        st.cache_data.clear()
        test = app(page, **{"from": RUN})
        assert resources.store().is_aggregated(RUN) == (above == 50)
        seen.append(shown(test))
    assert seen[0] == seen[1]
    assert sum(isinstance(part, dict) for part in seen[0]) >= 1
    assert any(RUN in str(part) or "SmolLM2" in str(part) for part in seen[0])


def test_single_answers_and_counts(app, large, monkeypatch):
    monkeypatch.setattr("core.store.open_store", lambda: Store(large[0], aggregate_above=50))
    test = app("runs", run=RUN)
    assert not test.exception
    assert any(f"all {large[1]:,} answers" in part.value for part in test.caption)
    monkeypatch.setattr("pages.parts.answers.data.MOST_LISTED", 200)
    test = app("answers", run=RUN)
    assert not test.exception
    assert any(f"{large[1]:,} answers fit" in part.value for part in test.info)
    test.multiselect("of").set_value(["smollm2-1.7b-instruct"]).run()
    test.multiselect("aq").set_value([test.multiselect("aq").options[0]]).run()
    assert not test.exception
    assert not test.info
    assert len(test.dataframe[0].value) == 10
