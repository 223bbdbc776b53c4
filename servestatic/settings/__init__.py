"""What did the user say? One dataclass, read from several origins by one rule."""
