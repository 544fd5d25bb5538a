"""Runs in an object store, with a folder on this computer that mirrors them.

Everything else of the store reads and writes run folders. Where ``PARALLAX_RUNS_DIR`` is an address, these are the
folders of the mirror: what is written there goes to the object store in the same call, shards before the run.json that
lists them, and what others wrote is fetched before it is read. DuckDB's own extension for S3 is not part of its package
and is not fetched at run time; Arrow reads the mirrored Parquet files instead.

One process writes a run at a time, by claims: a writer puts an object of its own into the folder of the run and then
lists all such objects. Whoever sees no fresh claim but its own is the writer; whoever sees another goes away. Of two
that begin at once both may go away, and try again, but never do both stay: this needs only that a list shows what was
written before, which S3 promises. A claim is renewed while its writer lives and counts for a minute by the clock of the
store; a writer that could not renew it in that time writes no more. Conditional writes are not used: not all
compatible servers heed them (``findings/s3_gateway_ignores_conditions.sh``).
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import shutil
import threading
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from core.errors import DataError, InputError, said
from core.settings import settings
from core.store.files.object_store import ObjectStore, Seen

CLAIM_PREFIX = ".writer-"
RENEW_S, FRESH_S = 15.0, 60.0
_MARKS = ".marks.json"
_TEMP = ".tmp-"
_EVERY_S = 2.0
_TRIES = 4
_MARGIN_S = 5.0
_YOUNG_S = 60.0
"""A file of this age may be on its way to the object store: another process of this computer wrote it."""
_RUN_FILE, _SHARD = "run.json", ".parquet"


class Mirror:
    """The runs below ``address`` and their copies in ``folder``. Safe to use from several threads."""

    def __init__(self, address: str, folder: Path) -> None:
        self.objects = ObjectStore(address)
        self.folder = folder
        self._lock = threading.RLock()
        self._claims: dict[str, _Claim] = {}
        self._others: dict[str, list[Seen]] = {}
        self._last = -_EVERY_S
        folder.mkdir(parents=True, exist_ok=True)
        self._marks = _read_marks(folder / _MARKS)

    def pull(self, run: str = "", now: bool = False) -> None:
        """Fetch what is new in the object store, of one run or of all, and delete what is gone.

        All are looked at every few seconds at most, unless ``now``. Raises :class:`DataError`.
        """
        with self._lock:
            if not run and not now and time.monotonic() - self._last < _EVERY_S:
                return
            if not run:
                self._last = time.monotonic()  # before it is asked, so that one that does not answer is asked as rarely
            seen = self.objects.seen(run)
            self._others = {} if not run else {name: one for name, one in self._others.items() if name != run}
            wanted: dict[str, Seen] = {}
            for name, one in seen.items():
                parts = name.split("/")
                if len(parts) != 2 or any(part in ("", ".", "..") for part in parts):
                    continue  # no file of a run
                if parts[1].startswith(CLAIM_PREFIX):
                    self._others.setdefault(parts[0], []).append(one)
                elif not parts[1].startswith("."):
                    wanted[name] = one
            # A run.json comes after the shards that it lists.
            for name in sorted(wanted, key=lambda name: (name.endswith(f"/{_RUN_FILE}"), name)):
                self._bring(name, wanted[name])
            self._drop(run, wanted)
            _write_marks(self.folder / _MARKS, self._marks)

    def push(self, path: Path, data: bytes) -> None:
        """Write the file at ``path`` of a run, whose content is ``data``, to the object store. Raises
        :class:`DataError`; the file here is deleted then, so that nobody takes it for stored.
        """
        name = self._name(path)
        claim = self._claims.get(path.parent.name)
        try:
            if claim is not None and not claim.is_fresh():
                raise DataError(said("claim_lost", run=path.parent.name))
            self.objects.write(name, data)
        except DataError:
            path.unlink(missing_ok=True)
            raise

    def push_folder(self, path: Path) -> None:
        """Write all files of a run, its run.json last."""
        files = [file for file in path.iterdir() if file.is_file() and not file.name.startswith(".")]
        for file in sorted(files, key=lambda file: (file.name == _RUN_FILE, file.name)):
            self.objects.write(self._name(file), file.read_bytes())

    def remove(self, path: Path) -> None:
        """Delete a file of a run, or all files of a run, from the object store."""
        if path.parent == self.folder:
            for name in sorted(self.objects.seen(path.name), key=lambda name: not name.endswith(f"/{_RUN_FILE}")):
                self.objects.remove(name)
        else:
            self.objects.remove(self._name(path))

    def claim(self, run: str) -> None:
        """Become the one writer of a run until :meth:`release`. Raises :class:`InputError` where another is."""
        for attempt in range(_TRIES):
            made = _Claim(self.objects, run)
            try:
                made.begin()
                self.pull(run)
                break
            except InputError:
                made.end()
                if attempt == _TRIES - 1:
                    raise
                time.sleep(random.uniform(0.1, 0.6))  # noqa: S311 - so that of two that began at once one begins first
            except BaseException:
                made.end()
                raise
        self._claims[run] = made

    def release(self, run: str) -> None:
        """Let others write the run."""
        made = self._claims.pop(run, None)
        if made is not None:
            made.end()

    def is_claimed(self, run: str) -> bool:
        """Whether some computer was writing the run when it was looked at last."""
        if run in self._claims:
            return True
        now = time.time()
        return any(now - one.written.timestamp() < FRESH_S for one in self._others.get(run, ()))

    def _name(self, path: Path) -> str:
        return f"{path.parent.name}/{path.name}"

    def _bring(self, name: str, one: Seen) -> None:
        path = self.folder / name
        mine = name.split("/")[0] in self._claims
        if path.exists() and (mine or self._marks.get(name) == one.mark):
            return
        if _is_shard_here(path):
            self._marks[name] = one.mark
            return
        path.parent.mkdir(exist_ok=True)
        temp = path.with_name(f"{_TEMP}{secrets.token_hex(4)}-{path.name}")
        try:
            self.objects.fetch(name, temp)
            temp.replace(path)
        except FileNotFoundError:
            return  # deleted since it was listed
        finally:
            temp.unlink(missing_ok=True)
        self._marks[name] = one.mark

    def _drop(self, run: str, wanted: dict[str, Seen]) -> None:
        places = [self.folder / run] if run else [path for path in self.folder.iterdir() if path.is_dir()]
        for place in places:
            if place.name in self._claims or place.name.startswith(".") or not place.is_dir():
                continue
            if f"{place.name}/{_RUN_FILE}" not in wanted and not _is_young(place / _RUN_FILE):
                shutil.rmtree(place, ignore_errors=True)
                continue
            for file in place.iterdir():
                gone = not file.name.startswith(".") and f"{place.name}/{file.name}" not in wanted
                if gone and not _is_young(file):
                    file.unlink(missing_ok=True)
        self._marks = {name: mark for name, mark in self._marks.items() if (self.folder / name).exists()}


class _Claim:
    """The claim of this process on one run, renewed by a thread."""

    def __init__(self, objects: ObjectStore, run: str) -> None:
        self._objects, self._run = objects, run
        self._file = f"{CLAIM_PREFIX}{time.time_ns():020d}-{secrets.token_hex(4)}"
        self._ended = threading.Event()
        self._renewed = 0.0

    def begin(self) -> None:
        self._write()
        claims = {
            name.split("/")[1]: one
            for name, one in self._objects.seen(self._run).items()
            if name.split("/")[-1].startswith(CLAIM_PREFIX)
        }
        # Mine was written a moment ago, so that the store's own clock says what is fresh.
        now = claims[self._file].written if self._file in claims else None
        if now is None:
            raise DataError(said("claim_lost", run=self._run))
        fresh = {name for name, one in claims.items() if (now - one.written).total_seconds() < FRESH_S}
        if fresh != {self._file}:
            raise InputError(said("run_being_written", run=self._run))
        for name in claims.keys() - fresh:
            self._objects.remove(f"{self._run}/{name}")
        threading.Thread(target=self._renew, name="parallax-claim", daemon=True).start()

    def end(self) -> None:
        self._ended.set()
        # A claim that stays behind ends by itself.
        with suppress(DataError):
            self._objects.remove(f"{self._run}/{self._file}")

    def is_fresh(self) -> bool:
        """Whether others still see the claim; a computer that slept may have lost it."""
        return time.time() - self._renewed < FRESH_S - _MARGIN_S

    def _write(self) -> None:
        begun = time.time()
        self._objects.write(f"{self._run}/{self._file}", b"{}")
        self._renewed = begun

    def _renew(self) -> None:
        while not self._ended.wait(RENEW_S):
            if not self.is_fresh():
                break  # another may be the writer by now
            with suppress(DataError):  # the next time may succeed; a minute without one ends the claim
                self._write()
        with suppress(DataError):
            self._objects.remove(f"{self._run}/{self._file}")


def _is_shard_here(path: Path) -> bool:
    """Whether ``path`` is a shard whose content has the hash in its name. Shards never change."""
    if path.suffix != _SHARD:
        return False
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return False
    return found.startswith(path.stem.rpartition("-")[2])


def _is_young(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < _YOUNG_S
    except FileNotFoundError:
        return True


def mirror_of(root: Path) -> Mirror | None:
    """The mirror whose folder ``root`` is, or ``None`` where ``root`` is a folder like others."""
    now = settings()
    if now.runs_address is None or root != now.runs_dir:
        return None
    return _mirror(now.runs_address, now.runs_dir)


@lru_cache(maxsize=4)
def _mirror(address: str, folder: Path) -> Mirror:
    return Mirror(address, folder)


def _read_marks(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text("utf-8"))
        return {str(name): str(mark) for name, mark in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write_marks(path: Path, marks: dict[str, str]) -> None:
    temp = path.with_name(f"{_TEMP}{secrets.token_hex(4)}{path.name}")
    temp.write_text(json.dumps(marks), "utf-8")
    temp.replace(path)
