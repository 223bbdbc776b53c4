r"""The format of releases: a file of tables, in which every byte is verified before it is used.

    servestatic release 4\n      what the file is, and the version of its format
    SHA-256, length              of the head
    head                         JSON: what the file says once, and where its tables are
    tables                       what it says of each name: trees of blocks

A release, what a build knows of its files, and the store's notes all have this format. Files are read by position and
not mapped: what was verified is what is used, even if the file changes meanwhile, and if it is truncated, reading fails
where a mapping would end the process (SIGBUS). docs/explanation/release-format.md has the format byte by byte.
"""
