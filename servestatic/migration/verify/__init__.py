"""Compares what a Django project serves by its old settings with what it serves after the edits.

`run` starts `probe` in a process for each side; `compare` finds the differences, `reasons` explains them.
"""
