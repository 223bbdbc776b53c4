"""Real packages, fetched once: see fetch.py."""
