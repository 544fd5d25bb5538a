"""What a page has computed lies on disk for the next process, until something that it depends on changes."""

import pandas as pd
import pytest

from core.types import Persona
from pages.parts.shared import kept as module
from pages.parts.shared.kept import kept, kept_of_data, kept_of_run
from tests.unit.store_rows import info, row

calls = []


@kept
def of_store(country):
    calls.append(("store", country))
    return pd.DataFrame({"country": [country]})


@kept_of_run
def of_run(run_id):
    calls.append(("run", run_id))
    return {"scores": pd.DataFrame({"run": [run_id]})}


@kept_of_data
def of_data(country):
    calls.append(("data", country))
    return pd.DataFrame({"country": [country]})


@pytest.fixture
def folder(app, few_shipped, configure, tmp_path):
    configure(keep_frames=True, frames_dir=tmp_path / "frames")
    calls.clear()
    return tmp_path / "frames"


def test_a_second_process_reads_what_the_first_has_computed(folder):
    assert of_store("CHN").equals(of_store("CHN"))
    assert calls == [("store", "CHN")]
    of_store("USA")
    assert of_run("demo-edc-wave-1")["scores"]["run"].tolist() == ["demo-edc-wave-1"]
    of_run("demo-edc-wave-1")
    assert calls == [("store", "CHN"), ("store", "USA"), ("run", "demo-edc-wave-1")]
    assert len(list(folder.iterdir())) == 3


def test_new_answers_change_what_rests_on_them_alone(folder):
    of_store("CHN"), of_run("demo-edc-wave-1")
    store = module.resources.store()
    with store.create(info("mine")) as mine:
        store.append(mine, [row(1, "mine")])
    of_store("CHN"), of_run("demo-edc-wave-1")
    assert calls == [("store", "CHN"), ("run", "demo-edc-wave-1"), ("store", "CHN")]


def test_what_rests_on_shipped_data_alone_is_kept_without_a_store(folder, monkeypatch):
    monkeypatch.setattr(module.resources, "store", lambda: pytest.fail("the store was opened"))
    assert of_data("CHN").equals(of_data("CHN"))
    of_data("USA")
    assert calls == [("data", "CHN"), ("data", "USA")]


def test_answers_that_are_in_memory_only_are_not_kept(folder):
    module.resources.store().remember(info("mine"), [row(1, "mine")])
    of_store("CHN"), of_store("CHN")
    assert len(calls) == 2
    assert not folder.exists()


def test_models_and_own_survey_data_change_everything(folder, monkeypatch):
    of_run("demo-edc-wave-1")
    monkeypatch.setattr(module, "private_state", lambda: (("mine", 1),))
    of_run("demo-edc-wave-1")
    models = module.resources.models()
    first = next(iter(models))
    monkeypatch.setattr(module.resources, "models", lambda: {first: models[first]})
    of_run("demo-edc-wave-1")
    assert len(calls) == 3


def test_nouns_are_written_once_and_again_when_one_of_them_is_another(monkeypatch):
    written = []
    monkeypatch.setattr(module, "digest", lambda value: written.append(value) or f"digest {len(written)}")
    first, other = Persona(country="CHN"), Persona(country="USA")
    found = module.NounDigest()
    assert found.of({"a": first}) == found.of({"a": first}) == "digest 1"
    assert found.of({"a": other}) == "digest 2"
    assert found.of({"b": other}) == "digest 3"
    assert found.of({"b": other, "a": first}) == "digest 4"
    assert written[0] == {"a": first.model_dump(mode="json")}


def test_code_of_a_page_that_changes_changes_what_it_has_computed(folder, monkeypatch, tmp_path):
    of_store("CHN")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "data.py").write_text("other = 1")
    monkeypatch.setattr(module, "_PAGES", tmp_path / "pages")
    module._code.cache_clear()
    of_store("CHN")
    module._code.cache_clear()
    assert len(calls) == 2


def test_the_settings_can_say_no(folder, configure):
    configure(keep_frames=False)
    of_store("CHN"), of_store("CHN")
    assert len(calls) == 2
    assert not folder.exists()
