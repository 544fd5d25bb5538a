"""The Models page: filters, keys, a test of a connection, an endpoint of one's own."""

import time

import pytest

from core.errors import said
from core.providers.hosted import capabilities
from core.settings import settings
from tests.chat_server import ChatServer
from tests.pages.test_pages import ask, texts

CANARY = "sk-canary-models-page-77"


@pytest.fixture
def server():
    with ChatServer(lambda prompt, body: {"A": 0.5, "B": 0.2, "C": 0.1, "D": 0.1, "Well": 0.1}) as server:
        yield server


def finish(test, words, seconds=20):
    end = time.monotonic() + seconds
    while words not in texts(test) and time.monotonic() < end:
        time.sleep(0.05)
        test.run()
    assert words in texts(test)
    return test


def add(test, url, key=""):
    test.text_input(key="endpoint_name").set_value("Mine")
    test.text_input(key="endpoint_address").set_value(url)
    test.text_input(key="endpoint_id").set_value("mine-1")
    test.text_input(key="endpoint_key").set_value(key)
    next(button for button in test.button if button.label == "Add").click()
    return test.run()


def test_filters_narrow_the_table_and_stand_in_the_url(app):
    test = app("models")
    rows = len(test.dataframe[0].value)
    assert rows > 30
    test.multiselect(key="made").set_value(["China"]).run()
    fewer = test.dataframe[0].value
    assert 0 < len(fewer) < rows
    assert set(fewer["Origin (base/tuned)"]) == {"China"}
    assert "China" in test.query_params["made"]
    test.text_input(key="model_search").set_value("no such model").run()
    assert "No model fits" in texts(test)
    assert not test.exception


def test_without_a_key_the_page_names_the_variable_and_a_typed_one_works(app, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    test = app("models", model="gpt-4o")
    test.selectbox(key="model").set_value("gpt-4o").run()
    assert "OPENAI_API_KEY" in texts(test)
    assert test.button(key="test_connection").disabled
    test.text_input(key="typed_key").set_value(CANARY)
    next(button for button in test.button if button.label == "Use for this session").click()
    test.run()
    assert not test.button(key="test_connection").disabled
    assert CANARY not in texts(test)
    assert CANARY not in str(test.query_params)
    test.button(key="forget_key").click().run()
    assert test.button(key="test_connection").disabled


def test_an_endpoint_is_added_tested_and_asked(app, server):
    test = add(app("models"), server.url, CANARY)
    assert not test.exception
    assert "Mine was added" in texts(test)
    test.button(key="test_connection").click().run()
    finish(test, "Log-probabilities come")
    assert server.seen[0][1]["authorization"] == f"Bearer {CANARY}"
    own = test.selectbox(key="model").value
    test.switch_page("pages/probe.py")
    test = ask(test.run(), own)
    shown = texts(test)
    assert not test.exception
    assert not test.error
    assert "Mine leans to" in shown or "Mine has no clear favourite" in shown
    assert CANARY not in shown
    assert CANARY not in str(test.query_params)


def test_an_endpoint_without_log_probabilities_is_sampled(app, server):
    server.logprobs = False
    test = add(app("models"), server.url)
    test.button(key="test_connection").click().run()
    finish(test, "No log-probabilities come")
    assert "counted from samples" in texts(test)
    test.button(key="remove_endpoint").click().run()
    assert "own-" not in str(test.selectbox(key="model").value)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://169.254.169.254/latest", "http://10.1.2.3/v1", ""])
def test_an_address_that_is_not_called_says_why(app, address):
    test = add(app("models"), address)
    assert test.error
    assert not test.exception


def test_a_connection_that_fails_gives_a_sentence(app):
    with ChatServer(lambda prompt, body: {"A": 1.0}) as gone:
        url = gone.url
    test = add(app("models"), url)
    test.button(key="test_connection").click().run()
    finish_error(test)
    assert any("could not be reached" in str(error.value) for error in test.error)


def finish_error(test, seconds=30):
    end = time.monotonic() + seconds
    while not test.error and time.monotonic() < end:
        time.sleep(0.1)
        test.run()


@pytest.fixture(autouse=True)
def nothing_seen_before(monkeypatch):
    monkeypatch.setattr(capabilities, "_seen", {})
    monkeypatch.setenv("PARALLAX_MAX_RETRIES", "0")


@pytest.mark.parametrize("page", ["models", "method"])
@pytest.mark.parametrize(("language", "words"), [("en", "Your own models file"), ("zh", "您自己的模型文件")])
def test_an_unusable_models_file_is_told_with_its_hint_in_the_readers_language(
    app, tmp_path, monkeypatch, page, language, words
):
    path = tmp_path / "models.toml"
    path.write_text('"**[bold](https://example.org)**" = 1', encoding="utf-8")
    monkeypatch.setenv("PARALLAX_MODELS", str(path))
    settings.cache_clear()
    test = app(page, ui=language)
    assert not test.exception
    (shown,) = [box.value for box in test.warning if box.value.startswith(words)]
    assert said("hint_models_file").message(language) in shown
    assert "**[bold]" not in shown


def test_terms_are_shown_before_their_weights_can_be_fetched(app, monkeypatch, tmp_path):
    """A short page stands for the real one, in the place where that is kept once it was fetched."""
    from core.catalogue import load_catalogue
    from core.providers.local import terms as module
    from core.settings import settings

    monkeypatch.setenv("PARALLAX_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    terms = load_catalogue().models["gemma-3-270m"].weights.terms
    page = b"<article><p>Be good to each other.</p></article>"
    monkeypatch.setattr(module, "_is_page", lambda path, sha256: path.is_file())
    kept = settings().cache_dir / "terms" / f"{terms.sha256}.html"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(page)
    test = app("models", model="gemma-3-270m")
    test.selectbox(key="model").set_value("gemma-3-270m").run()
    assert "To fetch: 253 MB" in texts(test)
    assert "plain template" in texts(test)
    assert test.button(key="fetch_weights").disabled
    test.button(key="show_terms").click().run()
    assert "Be good to each other." in " ".join(element.value for element in test.text)
    assert test.button(key="fetch_weights").disabled
    test.checkbox[0].check().run()
    assert not test.button(key="fetch_weights").disabled
    assert not test.exception
