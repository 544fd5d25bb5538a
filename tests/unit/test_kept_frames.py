"""Frames on disk: they come back the same or are not kept, and nothing that they depend on can change unseen."""

import os

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from core import kept_frames
from core.kept_frames import KeptFrames, kept_name

FRAME = pd.DataFrame(
    {
        "text": ["a", None, "中文"],
        "n": [1, 2, 3],
        "share": [0.1, np.nan, 1 / 3],
        "yes": [True, False, True],
        "shares": [(0.25, 0.75), None, (1.0,)],
        "when": pd.to_datetime(["2026-01-01", None, "2026-11-27"], utc=True),
    },
    index=[5, 7, 9],
)


def test_frames_come_back_the_same(tmp_path):
    folder = KeptFrames(tmp_path / "frames")
    nested = {"one": {"a": FRAME, "b": FRAME.iloc[:0]}, "two": {}, "three": FRAME[["n"]]}
    assert folder.get("x") is None
    assert folder.put("x", nested)
    found = folder.get("x")
    assert [*found] == ["one", "two", "three"]
    assert found["two"] == {}
    assert_frame_equal(found["one"]["a"], FRAME, check_exact=True)
    assert [type(cell) for cell in found["one"]["a"]["shares"]] == [tuple, type(None), tuple]
    assert_frame_equal(found["one"]["b"], FRAME.iloc[:0], check_exact=True)
    assert_frame_equal(found["three"], FRAME[["n"]], check_exact=True)
    assert folder.put("y", FRAME)
    assert_frame_equal(folder.get("y"), FRAME, check_exact=True)


@pytest.mark.parametrize("cells", [[object(), object()], [1, "a"], [np.float64(1.0), None], [{"a": 1}, {"b": 2}]])
def test_what_would_come_back_otherwise_is_not_kept(tmp_path, cells):
    folder = KeptFrames(tmp_path)
    assert not folder.put("x", pd.DataFrame({"odd": pd.Series(cells, dtype=object)}))
    assert folder.get("x") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[: len(raw) // 2], lambda raw: b"", lambda raw: raw.replace(b"ARROW1", b"ARROW9")]
)
def test_a_damaged_file_is_forgotten_and_named_in_the_log(tmp_path, damage, caplog):
    folder = KeptFrames(tmp_path)
    folder.put("x", FRAME)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert folder.get("x") is None
    assert "x.frames is damaged" in caplog.text
    assert not path.exists()


def test_what_nobody_asked_for_longest_goes_first(tmp_path):
    big = pd.DataFrame({"x": np.random.default_rng(0).random(10_000)})
    folder = KeptFrames(tmp_path, most=200_000)
    for number, name in enumerate("ab"):
        folder.put(name, big)
        os.utime(tmp_path / f"{name}.frames", (number, number))
    folder.get("a")
    folder.put("c", big)
    assert {path.stem for path in tmp_path.iterdir()} == {"a", "c"}


def test_a_folder_that_takes_nothing_stops_nobody(tmp_path):
    (tmp_path / "file").write_text("")
    folder = KeptFrames(tmp_path / "file" / "frames")
    assert not folder.put("x", FRAME)
    assert folder.get("x") is None


def test_the_name_changes_with_all_that_the_frames_depend_on(tmp_path, monkeypatch):
    names = {kept_name("scores", ["run"]), kept_name("other", ["run"]), kept_name("scores", ["another run"])}
    assert kept_name("scores", ["run"]) in names
    core, data = tmp_path / "core", tmp_path / "data"
    (core / "stats").mkdir(parents=True)
    (data / "runs").mkdir(parents=True)
    (data / "surveys.csv").write_text("1")
    (core / "stats" / "a.py").write_text("1")
    monkeypatch.setattr(kept_frames, "_CORE", core)
    monkeypatch.setattr(kept_frames, "DATA", data)

    def name() -> str:
        kept_frames._code.cache_clear()
        kept_frames._data.cache_clear()
        return kept_name("scores", ["run"])

    names.add(first := name())
    (core / "stats" / "a.py").write_text("2")
    names.add(name())
    (data / "surveys.csv").write_text("12")
    names.add(last := name())
    (data / "runs" / "new.parquet").write_text("shards tell their own names")
    assert name() == last != first
    assert len(names) == 6
    kept_frames._code.cache_clear()
    kept_frames._data.cache_clear()
