"""The tests, a package: a distribution that installs a top-level `tests` of its own must not hide them."""
