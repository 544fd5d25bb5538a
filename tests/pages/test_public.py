"""The app as a public demonstration: what is off is off, and the page says so."""

import pytest

from tests.pages.test_pages import PAGES, ask, texts


@pytest.fixture
def public(app, monkeypatch):
    monkeypatch.setenv("PARALLAX_PUBLIC", "1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-host-000000")
    return app


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_and_tells_strangers_where_they_are(public, page):
    test = public(page)
    assert not test.exception
    assert "A public demonstration" in texts(test)


def test_there_is_no_sql_import_renaming_or_deletion(public):
    test = public("runs", view="sql")
    assert "queries in SQL, import, renaming and deleting are off" in texts(test)
    assert not {area.key for area in test.text_area} & {"sql", "new_note"}
    assert not {button.key for button in test.button} & {"run_delete", "run_import_now", "run_start", "sql_run"}


def test_no_key_and_no_endpoint_can_be_typed_and_no_hosted_model_asked(public):
    test = public("models", model="gpt-4o")
    test.selectbox(key="model").set_value("gpt-4o").run()
    shown = texts(test)
    assert "It takes no keys" in shown
    assert "is not asked in this public demonstration" in shown
    assert not {field.key for field in test.text_input} & {"typed_key", "endpoint_address"}
    probe = public("probe", m="gpt-4o")
    assert "gpt-4o" not in str(probe.multiselect(key="m").options).lower()


def test_one_visitor_cannot_ask_on_and_on(public, monkeypatch):
    monkeypatch.setenv("PARALLAX_PUBLIC_ASKS", "1")
    monkeypatch.setenv("PARALLAX_PUBLIC_ASKS_PER_MINUTE", "0.1")
    test = ask(public("probe"))
    assert not test.error
    test = ask(test)
    assert any("Ask again in" in str(error.value) for error in test.error)
    assert not test.exception


def test_a_setting_that_cannot_be_used_is_named(app, monkeypatch):
    monkeypatch.setenv("PARALLAX_THREADS", "many")
    from core.settings import settings

    settings.cache_clear()
    test = app("start")
    assert not test.exception
    assert "PARALLAX_THREADS" in texts(test)
