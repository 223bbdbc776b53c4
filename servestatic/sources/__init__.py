"""Where files come from. A source is any iterable of `File` and, for what it left out, `Skipped`."""
