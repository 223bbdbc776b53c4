"""A harbour's tides."""
