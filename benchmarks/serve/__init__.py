"""What serving costs in real servers: `python -m benchmarks.serve`."""
