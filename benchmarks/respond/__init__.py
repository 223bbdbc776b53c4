"""What one answer costs inside a process: the parts of respond.py that run in each environment's worker."""
