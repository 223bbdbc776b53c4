"""What do sources become? From files to a release."""
