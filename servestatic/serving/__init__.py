"""What does a URL offer now? All state that changes while an index serves."""
