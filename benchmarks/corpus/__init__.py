"""Real packages: `python -m benchmarks.corpus.fetch` installs them, `.counts` counts what collecting them finds."""
