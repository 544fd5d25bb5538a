"""The store on a bad day: a full disk, a folder that cannot be written, cut files, two apps, a clock set back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import DataError
from core.runs import DayRun
from core.store import RunFolder, Store
from tests.unit.store_rows import START, info, row, rows

HERE = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="mounts, limits and locales the POSIX way")


def python(script: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``script`` in a process of its own with ``environment`` over this one's; an empty value unsets."""
    own = {name: value for name, value in (os.environ | environment).items() if value or name not in environment}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=HERE, env=own, timeout=120, check=False)


# A full disk and one that may only be read, as the system itself has them.


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB, where mounting is allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(place)], check=True)


@posix
def test_a_disk_that_fills_in_the_middle_loses_nothing(small_disk):
    store = Store(small_disk)
    ballast = small_disk / ".ballast"
    with store.create(info()) as folder:
        store.append(folder, rows(20))
        ballast.write_bytes(b"x" * 100_000)
        kept = 20

        def fill() -> None:
            nonlocal kept
            while True:
                kept += 20
                store.append(folder, rows(20, start=kept - 20))

        with pytest.raises(DataError, match="full") as caught:
            fill()
        assert "space" in caught.value.hint
        assert folder.unsaved > 0
        assert len(store.responses()) == kept
        on_disk = Store(small_disk)
        assert on_disk.problems() == []
        assert 20 <= len(on_disk.responses()) < kept
        ballast.unlink()
        store.append(folder, rows(1, start=kept))
        assert folder.unsaved == 0
    again = Store(small_disk)
    assert again.problems() == []
    assert sorted(again.responses().cell_id) == sorted(f"cell-{i}" for i in range(kept + 1))
    assert not [path for path in (small_disk / "run-1").iterdir() if path.name.startswith(".tmp")]


@posix
def test_nothing_can_be_begun_on_a_full_disk_and_it_says_so(small_disk):
    store = Store(small_disk)
    filler = (small_disk / ".ballast").open("wb", buffering=0)
    try:
        while filler.write(b"x" * 4096):
            pass
    except OSError:
        filler.close()
    with pytest.raises(DataError, match="full"):
        DayRun(store).append([row(0)])
    assert len(store.responses()) == 1
    assert store.runs()["saved"].tolist() == [False]


@posix
def test_a_disk_mounted_for_reading_only_stops_the_root_user_too(small_disk):
    with RunFolder.create(small_disk, info(title="as made", status="running")) as folder:
        folder.append(rows(4))
    remount(small_disk, "ro")
    try:
        store = Store(small_disk)
        assert len(store.responses()) == 4
        for attempt in (
            lambda: store.update("run-1", title="x"),
            lambda: store.update("run-1", status="done"),
            lambda: store.delete("run-1"),
            lambda: store.open("run-1"),
            lambda: store.create(info("run-2")),
        ):
            with pytest.raises(DataError) as caught:
                attempt()
            assert "PARALLAX_RUNS_DIR" in caught.value.hint
        with pytest.raises(DataError):
            DayRun(store).append([row(9)])
        assert len(store.responses()) == 5
        assert store.info("run-1").title == "as made"
    finally:
        remount(small_disk, "rw")
    with RunFolder.open(small_disk / "run-1") as folder:
        folder.append(rows(1, start=4))
    assert len(Store(small_disk).responses()) == 5


# Files that were cut.


def cuts(size: int) -> list[int]:
    """Every length near both ends and a sample between."""
    return sorted({*range(min(24, size)), *range(0, size, max(1, size // 80)), *range(max(0, size - 24), size)})


@pytest.mark.slow  # a shard with any byte changed is told below
def test_a_shard_cut_at_any_byte_is_set_aside_and_all_else_loads(tmp_path):
    with RunFolder.create(tmp_path, info("good")) as folder:
        folder.append(rows(3, "good"))
    with RunFolder.create(tmp_path, info("cut")) as folder:
        folder.append(rows(2, "cut"))
        name = folder.append(rows(2, "cut", 2))
    shard = tmp_path / "cut" / name
    whole = shard.read_bytes()
    store = Store(tmp_path)
    for length in cuts(len(whole)):
        shard.write_bytes(whole[:length])
        fresh = Store(tmp_path) if length % 7 == 0 else store
        fresh.refresh()
        # A shard that was read before stays in memory; one that was not is left out.
        assert len(fresh.responses(["good"])) == 3
        assert len(fresh.responses(["cut"])) in ((2,) if fresh is not store else (2, 4))
        if fresh is not store:
            ((path, reason),) = fresh.problems()
            assert path.name == "cut"
            assert name in reason
            fresh.close()
    store.close()
    shard.write_bytes(whole)
    assert len(Store(tmp_path).responses(["cut"])) == 4


def test_a_shard_with_any_byte_changed_is_set_aside(tmp_path):
    with RunFolder.create(tmp_path, info("cut")) as folder:
        folder.append(rows(2, "cut"))
        name = folder.append(rows(2, "cut", 2))
    shard = tmp_path / "cut" / name
    whole = shard.read_bytes()
    for place in cuts(len(whole))[::9]:
        shard.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
        store = Store(tmp_path)
        assert len(store.responses()) == 2
        assert [path.name for path, _ in store.problems()] == ["cut"]
        store.close()


def test_a_run_file_cut_at_any_byte_sets_that_run_aside(tmp_path):
    for run_id in ("good", "cut"):
        with RunFolder.create(tmp_path, info(run_id, note="“Notes”")) as folder:
            folder.append(rows(2, run_id))
    file = tmp_path / "cut" / "run.json"
    whole = file.read_bytes()
    for length in cuts(len(whole))[:-1:3]:
        file.write_bytes(whole[:length])
        store = Store(tmp_path)
        assert len(store.responses()) == 2
        assert [path.name for path, _ in store.problems()] == ["cut"]
        with pytest.raises(DataError):
            RunFolder.open(tmp_path / "cut")
        store.close()


# A clock that was set back.


def test_a_clock_set_back_within_a_run_hides_no_later_answer(tmp_path):
    store = Store(tmp_path)
    with store.create(info()) as folder:
        store.append(folder, [row(0, text="first"), row(1)])
        back = START - timedelta(days=900)
        store.append(folder, [row(0, text="second", created=back), row(2, created=back)])
    for each in (store, Store(tmp_path)):
        found = each.responses().set_index("cell_id")
        assert sorted(found.index) == ["cell-0", "cell-1", "cell-2"]
        assert found.loc["cell-0", "text"] == "second"
        assert each.rows("run-1", ["cell-0"])[0].text == "second"
        assert each.kept("run-1") == {("cell-0", 0), ("cell-1", 0), ("cell-2", 0)}


def test_single_asks_before_and_after_the_clock_was_set_back_are_all_kept(tmp_path):
    store, times = Store(tmp_path), iter([0, 0, -3, -3, 1, 1, 1, 1])
    day = DayRun(store, now=lambda: START + timedelta(days=next(times)))
    for i in range(3):
        day.append([row(i, created=START)])
    day.close()
    again = Store(tmp_path)
    assert len(again.responses()) == 3
    assert again.problems() == []
    assert set(again.runs()["status"]) == {"done"}


def test_files_dated_in_the_future_are_seen_to_change(tmp_path):
    """The clock was set back after they were written: what is new in them is loaded all the same."""
    with RunFolder.create(tmp_path, info()) as folder:
        folder.append(rows(2))
    ahead = (datetime.now(UTC) + timedelta(days=30)).timestamp()
    store = Store(tmp_path)
    for count in (4, 6):
        for path in (folder.path, folder.path / "run.json"):
            os.utime(path, (ahead, ahead))
        store.refresh()
        with RunFolder.open(folder.path) as folder:
            folder.append(rows(2, start=count - 2))
        store.refresh()
        assert len(store.responses()) == count


# Two apps on one folder, a home that is not there, a locale with decimal commas.

ASK = """
import sys
from pathlib import Path
from core.runs import DayRun
from core.store import Store
from tests.unit.store_rows import row
me = int(sys.argv[2])
store = Store(Path(sys.argv[1]))
day = DayRun(store)
for i in range(40):
    day.append([row(1000 * me + i)])
    assert f"key-{1000 * me + i}" in day.lookup([f"key-{1000 * me + i}"])
    if i % 10 == 5:
        store.update("shared", title=f"by {me}")
assert store.problems() == [], store.problems()
day.close()
print(len(store.responses()))
"""


def test_two_apps_ask_and_rename_on_one_folder(tmp_path):
    RunFolder.create(tmp_path, info("shared")).close()
    both = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, str(tmp_path), str(me)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=HERE,
        )
        for me in (1, 2)
    ]
    for process in both:
        out, errors = process.communicate(timeout=120)
        assert errors == ""
        assert int(out) >= 40
    store = Store(tmp_path)
    assert store.responses().cell_id.nunique() == len(store.responses()) == 80
    assert store.info("shared").title in ("by 1", "by 2")


HOMELESS = """
from core.settings import settings
from core.runs import DayRun
from core.store import open_store
from core.errors import DataError
from tests.unit.store_rows import row
store = open_store()
before = len(store.responses())
assert before > 1000, before
try:
    DayRun(store).append([row(0)])
    print("kept in", settings().runs_dir)
except DataError as error:
    print("refused", error.hint)
assert len(store.responses()) == before + 1
"""


UNSET = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "PARALLAX_RUNS_DIR"), "")
NO_ACCOUNT = """
import pwd
def unknown(user):
    raise KeyError(user)
pwd.getpwuid = unknown
"""


@posix
def test_a_user_without_home_and_account_keeps_answers_among_the_temporary_files(tmp_path):
    """As in a container that runs under any number."""
    found = python(NO_ACCOUNT + HOMELESS, **UNSET, TMPDIR=str(tmp_path))
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith(f"kept in {tmp_path}")


@posix
@pytest.mark.parametrize("home", [pytest.param("/proc/nowhere", marks=pytest.mark.slow), "/dev/null"])
def test_with_a_home_that_is_not_there_a_new_answer_is_not_lost(home, tmp_path):
    unset = {name: value for name, value in UNSET.items() if name != "HOME"}
    found = python(HOMELESS, HOME=home, **unset)
    assert found.returncode == 0, found.stderr
    assert "refused" in found.stdout
    assert "PARALLAX_RUNS_DIR" in found.stdout
    given = python(HOMELESS, HOME=home, **(unset | {"PARALLAX_RUNS_DIR": str(tmp_path / "runs")}))
    assert given.returncode == 0, given.stderr
    assert "kept in" in given.stdout


COMMAS = """
import locale, sys
from pathlib import Path
try:
    locale.setlocale(locale.LC_ALL, sys.argv[2])
except locale.Error:
    print("none"), sys.exit()
assert locale.localeconv()["decimal_point"] == ","
from core.store import Store
from core.store.index.export import export_csv
from tests.unit.store_rows import info, row
store = Store(Path(sys.argv[1]))
with store.create(info()) as folder:
    store.append(folder, [row(0)])
assert store.rows("run-1", ["cell-0"]) == [row(0)]
assert store.readings()["valid_mass"].tolist() == [0.875]
export_csv(store, Path(sys.argv[1]) / "out.csv")
text = (Path(sys.argv[1]) / "out.csv").read_text("utf-8-sig")
assert '"[0.5, 0.25, 0.125]",0.875' in text, text
print("same")
"""


@posix
def test_a_locale_with_decimal_commas_changes_no_number(tmp_path):
    found = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    name = next((each for each in found if each.lower().startswith(("de_de.utf", "fr_fr.utf", "de_at.utf"))), None)
    if name is None:
        name = _made_locale(tmp_path)
    found = python(COMMAS, tmp_path / "runs", name, LC_ALL=name, LOCPATH=str(tmp_path / "locales"))
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "same"


def _made_locale(folder: Path) -> str:
    """A German locale made for this test, where the system has none but can make one."""
    place = folder / "locales" / "de_DE.UTF-8"
    place.parent.mkdir()
    maker = shutil.which("localedef")
    done = maker and subprocess.run([maker, "-i", "de_DE", "-f", "UTF-8", str(place)], capture_output=True, check=False)
    if not done or not place.exists():
        pytest.skip("no locale with decimal commas here")
    return place.name
