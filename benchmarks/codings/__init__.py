"""Which parameters of each coding are worth what: `python -m benchmarks.codings`."""
