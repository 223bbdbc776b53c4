"""`python -m servestatic`."""

from servestatic.cli import main

main()
