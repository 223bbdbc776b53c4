"""The sites that start.py starts: what a server imports, and the files that they serve."""
