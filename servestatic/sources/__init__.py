"""Where do files come from? A source is any iterable of `File` and, for what it leaves out, `Skipped`."""
