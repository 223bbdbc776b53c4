"""What collecting costs: `python -m benchmarks.collect`."""
