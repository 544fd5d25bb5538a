"""The table of addresses that no endpoint may have: ``data/reserved_addresses.toml``."""

from __future__ import annotations

import ipaddress
import tomllib
from typing import NamedTuple

from core.errors import DataError, said
from core.once import once
from core.settings import DATA

FILE = DATA / "reserved_addresses.toml"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Reserved(NamedTuple):
    """Places of the large clouds' own services, by address and by name, and ranges that are not the internet."""

    addresses: frozenset[Address]
    metadata: tuple[Network, ...]
    names: frozenset[str]
    ranges: tuple[Network, ...]

    def is_metadata(self, address: Address) -> bool:
        """Whether a cloud's machines ask ``address`` for their secrets; no setting allows it."""
        return address in self.addresses or any(address in network for network in self.metadata)

    def is_reserved(self, address: Address) -> bool:
        """Whether ``address`` lies in a range that the registry calls not globally reachable, or no longer in use."""
        return any(address in network for network in self.ranges)


@once
def reserved() -> Reserved:
    """The table, read once. Raises :class:`DataError` where the shipped file is damaged: nothing is called then."""
    try:
        found = tomllib.loads(FILE.read_text("utf-8"))
        metadata, ranges = found["metadata"], found["reserved"]
        return Reserved(
            frozenset(map(ipaddress.ip_address, metadata["addresses"])),
            tuple(map(ipaddress.ip_network, metadata["networks"])),
            frozenset(metadata["names"]),
            tuple(map(ipaddress.ip_network, ranges["networks"])),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(said("data_entry", file=FILE.name, where=said("part_whole_file"), what=what)) from error
