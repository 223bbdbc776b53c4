"""What do the files become? Pure stages over values: nothing here opens a file, starts a thread or reads a setting."""
