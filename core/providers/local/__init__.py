"""Models that run on this computer: fetched, converted, loaded and computed here."""
