"""What starting costs: `python -m benchmarks.start`."""
