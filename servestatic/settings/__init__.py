"""What did the user say? One tuple, read from several origins by one rule."""
