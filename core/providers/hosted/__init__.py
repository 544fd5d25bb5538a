"""Models behind an endpoint: addresses, keys, requests, and what an endpoint lets one read."""
