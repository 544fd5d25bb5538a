"""Models behind an endpoint: addresses, keys, requests, and what can be read from an endpoint."""
