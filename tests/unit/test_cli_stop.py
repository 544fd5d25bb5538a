"""Ctrl-C on the command line, wherever it comes."""

import logging
import os
import signal
import time
from contextlib import suppress

import pytest

from core.cli import main
from core.cli.stop import interruptible, stoppable
from core.store import Store
from tests.unit.store_rows import info, rows


def press() -> None:
    """Ctrl-C, and what a library makes of it that answers with an error of its own."""
    with suppress(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
        pytest.fail("nothing came")


def test_what_a_library_swallows_still_stops_the_run(capsys):
    with interruptible():
        press()
        with stoppable("Stopping.") as stop:
            assert stop.is_set()
    assert "Stopping." in capsys.readouterr().err
    with interruptible(), stoppable() as stop:
        assert not stop.is_set()


def test_a_run_is_stopped_before_its_first_batch_where_reading_the_runs_swallows_it(tmp_path, configure, monkeypatch):
    configure(runs_dir=tmp_path / "runs")

    def swallow() -> Store:
        press()
        return Store(tmp_path / "runs")

    monkeypatch.setattr("core.store.open_store", swallow)
    assert main(["run", "--model", "smollm2-135m-instruct", "--question", "Q57", "--id", "stopped"]) == 130
    assert Store(tmp_path / "runs").info("stopped").status == "cancelled"


def test_a_command_that_is_stopped_shows_no_traceback(tmp_path, configure, monkeypatch, caplog, capsys):
    configure(runs_dir=tmp_path / "runs")
    store = Store(tmp_path / "runs")
    with store.create(info("one")) as run:
        store.append(run, rows(3, "one"))
    store.close()

    def stopped(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("core.store.index.loader.look", stopped)
    with caplog.at_level(logging.DEBUG):
        assert main(["runs", "list"]) == 130
    assert "Traceback" not in caplog.text + capsys.readouterr().err
