"""The parts of codings.py."""
