"""What an upload to a bucket costs: `python -m benchmarks.upload`."""
