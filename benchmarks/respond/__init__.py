"""What one answer costs inside a process: `python -m benchmarks.respond`."""
