"""The objects of a shared place, such as a bucket of S3 or of a server that is compatible with it, through fsspec.

Credentials come from the environment alone, as the clients of the clouds read them (``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_ENDPOINT_URL`` and so on).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from core.errors import DataError, InputError, said


class Seen(NamedTuple):
    """An object as the store lists it: its size in bytes, when it was written by the store's clock, and its mark.

    The mark changes with the content.
    """

    size: int
    written: datetime
    mark: str


class ObjectStore:
    """The objects below ``address``, such as ``s3://bucket/folder``.

    Raises :class:`InputError` for an address that holds a key or that no installed package can open, and
    :class:`DataError` where the store does not answer or refuses.
    """

    def __init__(self, address: str) -> None:
        if urlsplit(address).username or urlsplit(address).password:
            raise InputError(said("store_key_in_address"))
        try:
            import fsspec

            self._system, self._root = fsspec.core.url_to_fs(address, **_options(address))
        except (ImportError, ValueError) as error:
            raise InputError(said("store_not_installed", address=address, reason=error)) from error
        self._root = self._root.rstrip("/")
        self.address = address

    def seen(self, below: str = "") -> dict[str, Seen]:
        """All objects below a folder, by their names from the root on."""
        place = f"{self._root}/{below}".rstrip("/")
        with self._told():
            self._system.invalidate_cache()
            try:
                found = self._system.find(place, detail=True)
            except FileNotFoundError:
                return {}
        return {name.removeprefix(f"{self._root}/"): _seen(entry) for name, entry in found.items()}

    def read(self, name: str) -> bytes:
        """The content of an object. Raises ``FileNotFoundError`` where there is none."""
        with self._told():
            data: bytes = self._system.cat_file(f"{self._root}/{name}")
            return data

    def fetch(self, name: str, path: Path) -> None:
        """Write the content of an object to ``path``. Raises ``FileNotFoundError`` where there is none."""
        with self._told():
            self._system.get_file(f"{self._root}/{name}", str(path))

    def write(self, name: str, data: bytes) -> None:
        """Write an object as a whole: readers see the old content or the new."""
        with self._told():
            self._system.pipe_file(f"{self._root}/{name}", data)

    def remove(self, name: str) -> None:
        """Delete an object; it may be gone already."""
        with self._told():
            try:
                self._system.rm_file(f"{self._root}/{name}")
            except FileNotFoundError:
                return

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as error:
            # Clients raise errors of many libraries: of HTTP, of sockets, of their own. Their words name no key.
            raise DataError(
                said("store_fails", address=self.address, reason=f"{type(error).__name__}: {error}")
            ) from error


def _options(address: str) -> dict[str, Any]:
    if not address.startswith(("s3://", "s3a://")):
        return {}
    # The list of objects is asked anew each time: other computers write too.
    return {"use_listings_cache": False, "config_kwargs": {"retries": {"max_attempts": 5, "mode": "standard"}}}


def _seen(entry: dict[str, Any]) -> Seen:
    when = entry.get("LastModified") or entry.get("created") or entry.get("mtime") or 0.0
    written = when if isinstance(when, datetime) else datetime.fromtimestamp(float(when), UTC)
    if written.tzinfo is None:
        written = written.replace(tzinfo=UTC)
    size = int(entry["size"])
    return Seen(size, written, str(entry.get("ETag") or f"{size}-{written.timestamp()}"))
