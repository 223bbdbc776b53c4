"""What the package costs, measured beside others: see README.md."""
