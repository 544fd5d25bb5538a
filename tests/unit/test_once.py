"""What many threads ask for at once is computed once."""

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import core.i18n
from core.once import once
from core.surveys.countries import country_name

SESSIONS = 30


def together(ask):
    """What ``ask`` gives to so many threads that all begin at the same moment."""
    begin = threading.Barrier(SESSIONS)

    def one(_):
        begin.wait(timeout=30)
        return ask()

    with ThreadPoolExecutor(SESSIONS) as pool:
        return list(pool.map(one, range(SESSIONS)))


def test_a_class_reads_the_texts_of_its_language_once(monkeypatch):
    core.i18n._read.cache_clear()
    core.i18n.texts.cache_clear()
    read, folders = core.i18n.read, []
    monkeypatch.setattr(core.i18n, "read", lambda folder: folders.append(folder.name) or read(folder))
    titles = together(lambda: core.i18n.texts("zh")("learn.title"))
    assert folders == ["zh"]
    assert set(titles) == {core.i18n.texts("zh")("learn.title")}


def test_an_error_is_not_kept_and_each_asker_hears_of_it():
    tries = []

    @once
    def fails_first(n):
        tries.append(n)
        if len(tries) == 1:
            raise ValueError("not yet")
        return n

    with pytest.raises(ValueError, match="not yet"):
        fails_first(3)
    assert (fails_first(3), fails_first(n=3), fails_first(3)) == (3, 3, 3)
    assert tries == [3, 3, 3]


def test_a_function_may_call_itself_and_travels_to_other_processes_by_name():
    @once
    def below(n):
        return [*below(n - 1), n] if n else []

    assert below(4) == [1, 2, 3, 4]
    assert pickle.loads(pickle.dumps(country_name)) is country_name
