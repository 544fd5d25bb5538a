"""What every audit must keep, whoever adds it: its stages can be counted, carried out, taken up again and scored."""

import pandas as pd
import pytest

import core as px
from core.api import place
from core.audits import AUDITS
from core.audits.base import Spec
from core.audits.maker import class_name
from core.errors import InputError
from core.runs.bank import load_bank

SMALL = {
    "models": ["mock"],
    "questions": ["Q57", "Q64"],
    "personas": ["CHN"],
    "countries": ["CHN"],
    "domains": ["work"],
    "axes": ["repeat"],
    "dimensions": ["sex"],
    "respondents": 2,
    "sources": [],
    "samples": 2,
}
"""Fields that many specs have, small; a spec takes those that it knows, and should need no others."""


@pytest.fixture(params=list(AUDITS))
def audit(request, tmp_path, configure):
    configure(runs_dir=tmp_path / "runs", mock=True)
    yield AUDITS[request.param]()
    place.close()


def small(audit, **changes):
    values = {name: value for name, value in {**SMALL, **changes}.items() if name in audit.Spec.model_fields}
    return getattr(px.audits, class_name(audit.name))(**values)


def test_it_is_called_what_the_registry_calls_it(audit):
    assert AUDITS[audit.name]().name == audit.name
    assert issubclass(audit.Spec, Spec)
    assert (audit.Spec.__doc__ or "").strip()


def test_a_name_that_is_given_twice_counts_once(audit):
    twice = small(audit, models=["mock", "mock"])
    assert twice == small(audit)
    assert twice.models == ("mock",)


def test_an_unknown_model_is_told_in_words(audit):
    with pytest.raises(InputError, match="no-such-model"):
        list(audit.stages(small(audit, models=["no-such-model"]), load_bank()))


def test_the_spec_survives_its_json(audit):
    spec = small(audit)
    assert audit.Spec.model_validate_json(spec.model_dump_json()) == spec


def test_a_run_asks_no_more_than_was_said_is_resumed_without_asking_and_scored(audit):
    run = px.run(small(audit), start=False)
    told = run.estimate()
    assert 0 < told.cells <= told.prompts
    assert run.resume().status == "done"
    assert 0 < run.info.counts["answers"] <= told.cells
    assert run.info.counts["errors"] == 0
    before = run.frame()
    assert run.resume().frame().equals(before)
    scores = run.scores()
    assert scores
    assert all(isinstance(frame, pd.DataFrame) for frame in scores.values())
    assert any(len(frame) for frame in scores.values())


def test_nothing_answered_gives_the_same_frames_without_rows(audit):
    assert all(not len(frame) for frame in audit.scores([], load_bank()).values())
