"""Models that run on this computer: fetching, converting, loading and computing them."""
